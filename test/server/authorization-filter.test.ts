import { expect } from 'chai';
import type { Access } from '../../src/client/requests/access-review.ts';
import { ApiError, NetworkError } from '../../src/client/wire/errors.ts';
import { AuthorizationFilter } from '../../src/server/authorization-filter.ts';
import type { HttpResponse, Handler } from '../../src/server/http-server.ts';
import { ManualClock } from '../client/support/manual-clock.ts';
import { FieldsLog } from '../controller/support/fields-log.ts';

const SECOND = 1000;

/** A filter before a handler that says `open`, with a review that says what a test wants it to. */
class Scene {
  readonly clock = new ManualClock();
  readonly log = new FieldsLog();
  /** The tokens and paths that the API server was asked about. */
  readonly asked: string[] = [];
  review: (token: string) => Access | Promise<Access> = () => 'allowed';
  readonly #handler: Handler;

  constructor() {
    const { clock, log } = this;
    const authorizationFilter = new AuthorizationFilter({
      clock,
      log,
      review: async (token, path) => {
        this.asked.push(`${token} ${path}`);
        return this.review(token);
      },
    });
    this.#handler = authorizationFilter.guard(() => ({ status: 200, type: 'text/plain', body: 'open' }));
  }

  async answer(authorization: string | undefined, path = '/metrics'): Promise<HttpResponse> {
    return this.#handler({ path, query: '', authorization });
  }

  async statusFor(token: string, path?: string): Promise<number> {
    return (await this.answer(`Bearer ${token}`, path)).status;
  }
}

describe('the authorization filter before the metrics', () => {
  let scene: Scene;

  beforeEach(() => {
    scene = new Scene();
  });

  for (const [what, header] of [
    ['no header', undefined],
    ['an empty one', ''],
    ['another scheme', 'Basic YTpi'],
    ['no token', 'Bearer'],
    ['an empty token', 'Bearer '],
    ['two tokens', 'Bearer a b'],
    ['two headers in one', 'Bearer a, Bearer b'],
    ['a scheme that only begins so', 'Bearers a'],
  ] as const) {
    it(`answers 401 to ${what}, says what is wanted, and asks nobody`, async () => {
      const { status, headers } = await scene.answer(header);
      expect([status, headers]).to.deep.equal([401, { 'WWW-Authenticate': 'Bearer' }]);
      expect(scene.asked).to.deep.equal([]);
    });
  }

  for (const header of ['Bearer good', 'bearer good', 'BEARER  good ']) {
    it(`understands ${JSON.stringify(header)}`, async () => {
      expect((await scene.answer(header)).body).to.equal('open');
      expect(scene.asked).to.deep.equal(['good /metrics']);
    });
  }

  for (const [access, status, seconds] of [
    ['allowed', 200, 60],
    ['forbidden', 403, 10],
    ['unauthenticated', 401, 10],
  ] as const) {
    it(`answers ${status} to who is ${access}, and asks again after ${seconds} s`, async () => {
      scene.review = () => access;
      expect(await scene.statusFor('one')).to.equal(status);
      scene.clock.advance(seconds * SECOND - 1);
      expect(await scene.statusFor('one')).to.equal(status);
      expect(scene.asked).to.have.length(1);
      scene.clock.advance(1);
      scene.review = () => (access === 'allowed' ? 'forbidden' : 'allowed');
      expect(await scene.statusFor('one')).to.equal(access === 'allowed' ? 403 : 200);
      expect(scene.asked).to.have.length(2);
    });
  }

  it('distinguishes tokens and paths', async () => {
    scene.review = (token) => (token === 'good' ? 'allowed' : 'forbidden');
    expect([await scene.statusFor('good'), await scene.statusFor('bad'), await scene.statusFor('good', '/other')]).to.deep.equal([
      200, 403, 200,
    ]);
    expect(scene.asked).to.deep.equal(['good /metrics', 'bad /metrics', 'good /other']);
  });

  it('asks once for all who come with one token at the same time', async () => {
    const review = Promise.withResolvers<Access>();
    scene.review = () => review.promise;
    const all = Promise.all([scene.statusFor('one'), scene.statusFor('one'), scene.statusFor('one')]);
    review.resolve('allowed');
    expect(await all).to.deep.equal([200, 200, 200]);
    expect(scene.asked).to.have.length(1);
  });

  it('asks about eight at once and answers 503 to more, but not to those it knows', async () => {
    await scene.statusFor('known');
    const review = Promise.withResolvers<Access>();
    scene.review = () => review.promise;
    const eight = Promise.all(Array.from({ length: 8 }, (_, index) => scene.statusFor(`token-${index}`)));
    const { status, headers } = await scene.answer('Bearer another');
    expect([status, headers]).to.deep.equal([503, { 'Retry-After': '1' }]);
    expect(await scene.statusFor('known')).to.equal(200);
    review.resolve('unauthenticated');
    expect(await eight).to.deep.equal(Array<number>(8).fill(401));
    expect(await scene.statusFor('another')).to.equal(401);
    expect(scene.asked).to.have.length(10);
  });

  it('keeps in mind whom it lets in while others try a thousand tokens, and not all of these', async () => {
    await scene.statusFor('good');
    scene.review = () => 'unauthenticated';
    for (let index = 0; index < 1025; index++) await scene.statusFor(`made-up-${index}`);
    expect(scene.asked).to.have.length(1026);
    expect([await scene.statusFor('good'), await scene.statusFor('made-up-1')]).to.deep.equal([200, 401]);
    expect(scene.asked).to.have.length(1026);
    await scene.statusFor('made-up-0');
    expect(scene.asked).to.have.length(1027);
  });

  it('answers 500 where the API server cannot be asked, logs it once, and asks again at once', async () => {
    scene.review = () => Promise.reject(new NetworkError(new Error('connect ECONNREFUSED')));
    expect([await scene.statusFor('a-secret'), await scene.statusFor('a-secret')]).to.deep.equal([500, 500]);
    expect(scene.log.lines.map(({ level, fields }) => [level, fields])).to.deep.equal([
      ['warn', { reason: 'connect ECONNREFUSED' }],
      ['debug', { reason: 'connect ECONNREFUSED' }],
    ]);
    scene.review = () => 'allowed';
    expect(await scene.statusFor('a-secret')).to.equal(200);
    expect(scene.log.lines.at(-1)?.level).to.equal('info');
    expect(JSON.stringify(scene.log.lines)).to.not.contain('a-secret');
  });

  it('says which permission it lacks', async () => {
    scene.review = () => Promise.reject(new ApiError(403, 'Forbidden', 'tokenreviews is forbidden'));
    expect(await scene.statusFor('one')).to.equal(500);
    const [line] = scene.log.lines;
    expect(line?.fields['reason']).to.equal('tokenreviews is forbidden');
    expect(line?.fields['advice'])
      .to.contain('tokenreviews.authentication.k8s.io')
      .and.contain('subjectaccessreviews.authorization.k8s.io')
      .and.contain('manifests/components/metrics-auth');
  });
});
