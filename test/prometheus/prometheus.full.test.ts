import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import { startPrometheus, type Prometheus } from './prometheus.ts';
import { runPromtool } from './promtool.ts';

const RULES = `groups:
  - name: of-the-test
    rules:
      - record: fruit:max
        expr: max by (color) (fruit)
      - alert: Red
        expr: fruit{color="red"} > 1
        annotations: { summary: '{{ $value }} of them' }
`;

describe('Prometheus', function () {
  this.timeout(60_000);
  let server: Server;
  let prometheus: Prometheus;
  let reds = 2;

  before(async () => {
    server = createServer((_, response) => response.end(`fruit{color="red"} ${reds}\nfruit{color="green",shape=""} 1\n`));
    server.listen(0, '::');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const labels = { shape: 'round' };
    const scrape = { job_name: 'fruit', honor_labels: true, static_configs: [{ targets: [`127.0.0.1:${port}`, `[::1]:${port}`], labels }] };
    const global = { scrape_interval: '200ms', evaluation_interval: '200ms' };
    prometheus = await startPrometheus({ config: { global, scrape_configs: [scrape] }, rules: { 'rules.yaml': RULES } });
  });

  after(async () => {
    await prometheus.stop();
    server.close();
  });

  it('scrapes both families', async () => {
    await eventually(async () => {
      expect((await prometheus.targets()).map(({ health }) => health)).to.deep.equal(['up', 'up']);
      expect(await prometheus.query('fruit{color="red"}')).to.have.lengthOf(2);
    });
  });

  it('takes a label that is there and empty for one that the target must not fill', async () => {
    await eventually(async () => {
      const shapes = await prometheus.query('count by (color, shape) (fruit)');
      expect(shapes.map(({ labels }) => labels)).to.have.deep.members([{ color: 'red', shape: 'round' }, { color: 'green' }]);
    });
  });

  it('loads rules, and has what they record', async () => {
    expect((await prometheus.rules()).map(({ name, type }) => `${type} ${name}`)).to.deep.equal(['recording fruit:max', 'alerting Red']);
    await eventually(async () => {
      expect(await prometheus.query('fruit:max{color="green"}')).to.deep.equal([
        { labels: { __name__: 'fruit:max', color: 'green' }, value: 1 },
      ]);
    });
  });

  it('fires and resolves alerts', async () => {
    await eventually(async () => {
      const alerts = await prometheus.alerts();
      expect(alerts.map(({ state, annotations }) => `${state}: ${annotations['summary'] ?? ''}`)).to.deep.equal([
        'firing: 2 of them',
        'firing: 2 of them',
      ]);
    });
    reds = 1;
    await eventually(async () => {
      expect(await prometheus.alerts()).to.deep.equal([]);
    });
  });

  it('says what is wrong with an expression', async () => {
    expect(await prometheus.query('max by fruit').catch(String)).to.match(/^Error: query\?query=max%20by%20fruit: .*parse error/);
  });

  it('says what is wrong with its configuration', async () => {
    const failure = await startPrometheus({ config: { global: { scrape_interval: 'often' } } }).catch(String);
    expect(failure).to.match(/^Error: prometheus ended with exit code 2; the end of its log:\n[^]*not a valid duration string/);
  });

  it('has promtool beside it', async () => {
    expect(
      await runPromtool(['check', 'metrics'], '# HELP fruits_total As it should be.\n# TYPE fruits_total counter\nfruits_total 1\n'),
    ).to.deep.equal({
      code: 0,
      output: '',
    });
    expect(
      await runPromtool(['check', 'metrics'], '# HELP fruits_total As it is not.\n# TYPE fruits_total gauge\nfruits_total 1\n'),
    ).to.deep.equal({
      code: 3,
      output: 'fruits_total non-counter metrics should not have "_total" suffix\n',
    });
  });
});
