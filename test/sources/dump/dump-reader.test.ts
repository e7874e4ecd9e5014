import { expect } from 'chai';
import { stringify } from 'yaml';
import { rawNode, rawPod, rawService, soundObjects, type Raw } from '../../client/support/objects.ts';
import { listOfObjects, readDump } from './read.ts';

/** The text of a list, as kubectl writes it. */
function listed(...objects: readonly unknown[]): string {
  return JSON.stringify(listOfObjects(objects as readonly object[]));
}

function withMetadata(object: Raw, metadata: Readonly<Record<string, unknown>>): Raw {
  return { ...object, metadata: { ...object.metadata, ...metadata } };
}

const pod = rawPod('web');

describe('the reader of dumps', () => {
  const faults: readonly (readonly [what: string, object: unknown, words: string])[] = [
    ['no metadata', { kind: 'Pod' }, 'Pod: it has no metadata.name'],
    ['metadata that is a list', { kind: 'Node', metadata: [] }, 'Node: it has no metadata.name'],
    ['a name that is a number', withMetadata(pod, { name: 5 }), 'Pod shop: it has no metadata.name'],
    [
      'a name that no API server would take',
      withMetadata(pod, { name: 'a;reboot' }),
      'Pod shop/a;reboot: its name or namespace is none that an API server would take',
    ],
    ['no namespace', withMetadata(pod, { namespace: undefined }), 'Pod web: it has no metadata.namespace'],
    ['a name for a terminal to act on', withMetadata(pod, { name: 'a\u001b[2J' }), 'Pod shop/a\ufffd[2J: its name or namespace'],
    ['podIPs that are a text', { ...pod, status: { podIPs: '10.0.0.1' } }, 'Pod shop/web: status.podIPs is a text and no list'],
    ['podIPs of texts', { ...pod, status: { podIPs: ['10.0.0.1'] } }, 'status.podIPs[0] is a text and no object'],
    [
      'a podIP that is a number',
      { ...pod, status: { podIPs: [{ ip: '10.0.0.1' }, { ip: 5 }] } },
      'status.podIPs[1].ip is a number and no text',
    ],
    ['a null among podIPs', { ...pod, status: { podIPs: [null] } }, 'status.podIPs[0] is null and no object'],
    ['a status that is a list', { ...pod, status: [] }, 'status is a list and no object'],
    ['hostNetwork that is a text', { ...pod, spec: { hostNetwork: 'true' } }, 'spec.hostNetwork is a text and no boolean'],
    ['a time that is a number', withMetadata(pod, { creationTimestamp: 5 }), 'metadata.creationTimestamp is a number and no text'],
    ['labels that are a list', withMetadata(pod, { labels: ['app'] }), 'metadata.labels is a list and no object'],
    ['a label that is a number', withMetadata(pod, { labels: { app: 5 } }), 'metadata.labels has a value that is a number and no text'],
    ['podCIDRs of numbers', { ...rawNode('a'), spec: { podCIDRs: [10] } }, 'Node a: spec.podCIDRs[0] is a number and no text'],
    ['a selector that is a text', rawService('web', { selector: 'app' }), 'Service shop/web: spec.selector is a text and no object'],
    [
      'endpoints that are an object',
      { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'a', namespace: 'b' }, endpoints: {} },
      'EndpointSlice b/a: endpoints is an object and no list',
    ],
  ];
  for (const [what, object, words] of faults) {
    it(`reports ${what}, with its place, and goes on`, () => {
      const { problems, reader } = readDump([listed(rawNode('a'), object, rawNode('b'))]);
      expect(problems).to.have.length(1);
      expect(problems[0])
        .to.match(/^file-1, items\[1\]: /)
        .and.to.contain(words);
      expect([reader.objects, reader.problems]).to.deep.equal([2, 1]);
    });

    it(`reports the same of ${what} in YAML`, () => {
      expect(readDump([stringify(listOfObjects([rawNode('a'), object as object]))]).problems).to.deep.equal(
        readDump([listed(rawNode('a'), object)]).problems,
      );
    });
  }

  for (const [what, value] of [
    ['null', null],
    ['a text', 'Pod'],
    ['a number', 5],
    ['a boolean', true],
    ['an object without a kind', { metadata: { name: 'web', namespace: 'shop' } }],
    ['a kind that is no text', { ...pod, kind: 5 }],
  ] as const) {
    it(`ignores and counts what is no Kubernetes object: ${what}`, () => {
      for (const text of [
        listed(rawNode('a'), value, rawNode('b')),
        stringify(listOfObjects([rawNode('a'), value as object, rawNode('b')])),
      ]) {
        const { problems, reader } = readDump([text]);
        expect([problems, reader.objects, reader.notObjects]).to.deep.equal([[], 2, 1]);
      }
    });
  }

  it('ignores files that are no Kubernetes objects beside those that are', () => {
    const { problems, reader } = readDump([listed(rawNode('a')), '{"name":"tool","version":"1"}', 'replicas: 3\n']);
    expect([problems, reader.objects, reader.notObjects]).to.deep.equal([[], 1, 2]);
  });

  it('takes null for what is empty, as Go writes it', () => {
    const nulls = { ...pod, status: { podIPs: null, conditions: null, podIP: null }, spec: { nodeName: null, hostNetwork: null } };
    const node = withMetadata(rawNode('a'), { labels: null, creationTimestamp: null });
    expect(readDump([listed(nulls, node)]).problems).to.deep.equal([]);
  });

  it('finds nothing wrong with what an API server gives', () => {
    const { problems, reader } = readDump([listed(...soundObjects())]);
    expect([problems, reader.objects, reader.others.objects]).to.deep.equal([[], soundObjects().length, 0]);
  });

  const places: readonly (readonly [what: string, text: string, place: string])[] = [
    ['a single object', '{"kind":"Pod"}', 'file-2: '],
    ['the third document', `${JSON.stringify(pod)}\n${JSON.stringify(pod)} {"kind":"Pod"}`, 'file-2, document 3: '],
    ['the second document of YAML', `${stringify(pod)}\n---\nkind: Pod\n`, 'file-2, document 2: '],
    ['an array', '[{"kind":"Node","metadata":{"name":"b"}},{"kind":"Pod"}]', 'file-2, [1]: '],
    ['a list of a kind', '{"kind":"PodList","items":[{},{}]}', 'file-2, items[0]: '],
    ['a list of a kind that comes last', '{"items":[{}],"kind":"PodList"}', 'file-2, items[0]: '],
    ['a list in a list', '{"kind":"List","items":[{"kind":"PodList","items":[{}]}]}', 'file-2, items[0], items[0]: '],
    ['a list in an array', '[[{"kind":"Pod"}]]', 'file-2, [0], [0]: '],
  ];
  for (const [what, text, place] of places) {
    it(`says where it was that something is wrong: in ${what}`, () => {
      expect(readDump([listed(rawNode('a')), text]).problems[0]).to.equal(`${place}Pod: it has no metadata.name`);
    });
  }

  it('counts what is of other kinds, also where they have the same name', () => {
    const others = [
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } },
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'api' } },
      { apiVersion: 'serving.knative.dev/v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' }, spec: [] },
      { apiVersion: 'example.com/v1', kind: 'AllowList', spec: {} },
    ];
    const events = '{"kind":"EventList","apiVersion":"v1","items":[{"a":1},{"a":2},{"a":3}]}';
    const config = '{"apiVersion":"v1","kind":"Config","items":[{"key":"a"}]}';
    const { reader, problems } = readDump([listed(rawNode('a'), ...others), events, config]);
    expect(problems).to.deep.equal([]);
    expect(reader.others).to.deep.equal({ objects: 8, kinds: ['Event', 'Deployment', 'Service', 'AllowList', 'Config'] });
  });

  it('keeps the beginning of what others are called', () => {
    const { reader } = readDump([listed(rawNode('a'), { kind: 'K'.repeat(10_000) })]);
    expect(reader.others.kinds).to.deep.equal([`${'K'.repeat(63)}…`]);
  });

  it('takes v1beta1, and objects and lists that do not say of which version they are', () => {
    const slice = { apiVersion: 'discovery.k8s.io/v1beta1', kind: 'EndpointSlice', metadata: { name: 'a', namespace: 'b' } };
    const { reader } = readDump([
      listed(slice, { ...pod, apiVersion: undefined }),
      '{"kind":"NodeList","items":[{"metadata":{"name":"a"}}]}',
    ]);
    expect([reader.objects, reader.others.objects]).to.deep.equal([3, 0]);
  });

  it('takes the latest state of what is there more than once, in whatever order', () => {
    const states = ['9', '100', '10'].map((resourceVersion, index) =>
      withMetadata(rawNode('a'), { resourceVersion, labels: { state: `s${index}` } }),
    );
    const old = withMetadata(rawNode('a', { podCIDRs: [] }), { resourceVersion: '8' });
    for (const order of [[...states, old], [old, ...states], [...states].reverse()]) {
      const { store, problems } = readDump(order.map((state) => listed(state)));
      expect([problems, store.nodes.get('a')?.podCIDRs.length]).to.deep.equal([[], 2]);
    }
  });

  it('reports what is there twice where nothing says which state is the later one', () => {
    const node = withMetadata(rawNode('a'), { resourceVersion: undefined });
    expect(readDump([listed(node, node)]).problems).to.deep.equal([
      'file-1, items[1]: Node a: it is there a second time, and no resourceVersion shows which state is the later one',
    ]);
  });

  it('reports pods that have one uid', () => {
    const other = withMetadata(rawPod('other'), { uid: pod.metadata['uid'], resourceVersion: '8' });
    expect(readDump([listed(pod, other)]).problems).to.deep.equal(['file-1, items[1]: Pod shop/other: shop/web has the same uid']);
  });

  it('reports a list whose rest is missing', () => {
    const page = { kind: 'PodList', apiVersion: 'v1', metadata: { continue: 'token' }, items: [pod] };
    for (const text of [JSON.stringify(page), stringify(page)])
      expect(readDump([text]).problems).to.deep.equal(['file-1: the rest of a list, of which this is a page (metadata.continue)']);
  });

  it('says nothing of a list of another kind whose rest is missing, nor of the word null for no rest', () => {
    const events = { kind: 'EventList', apiVersion: 'v1', metadata: { continue: 'token' }, items: [] };
    const harvester = { kind: 'PodList', apiVersion: 'v1', metadata: { continue: 'null' }, items: [pod] };
    for (const list of [events, harvester])
      expect(readDump([listed(rawNode('a')), JSON.stringify(list), stringify(list)]).problems).to.deep.equal([]);
  });

  it('says so of a page of a list of any kind', () => {
    const page = { kind: 'List', apiVersion: 'v1', metadata: { continue: 'token' }, items: [pod] };
    expect(readDump([JSON.stringify(page)]).problems).to.have.length(1);
  });

  it('says which Namespaces of pods are missing where others are there', () => {
    const gapIn = (...objects: readonly object[]): string | undefined => readDump([listed(...objects)]).store.gapIn('Namespace');
    const named = (name: string): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    expect(gapIn(pod, named('shop'), named('empty'))).to.equal(undefined);
    expect(gapIn(pod, named('kube-system'))).to.equal(
      'There is no Namespace shop in the files: add what "kubectl get namespaces --all-namespaces --output json" writes.',
    );
    expect(gapIn(pod, rawService('web', { namespace: 'other' }), named('shop')), 'of a Service alone').to.equal(undefined);
    expect(gapIn(pod), 'without any').to.equal(undefined);
  });

  it('reports lists within too many lists', () => {
    const nested = Array.from({ length: 10 }).reduce<object>((inner) => listOfObjects([inner]), pod);
    for (const text of [JSON.stringify(nested), stringify(nested)])
      expect(readDump([listed(rawNode('a')), text]).problems.join()).to.match(
        /^file-2(?:, items\[0\]){5}: it is a list within too many lists$/,
      );
  });

  for (const [what, text] of [
    ['nothing', ''],
    ['white space', ' \n\t'],
    ['comments', '# nothing\n---\n'],
    ['other kinds', '{"kind":"Deployment","apiVersion":"apps/v1"}'],
    ['an empty list of any kind', '{"kind":"List","items":[]}'],
    ['an empty array', '[]'],
  ] as const) {
    it(`says so where there is nothing that matters: ${what}`, () => {
      expect(() => readDump([text])).to.throw(
        'there is nothing of any of these kinds: Node, Pod, Service, EndpointSlice, ServiceCIDR, Namespace',
      );
    });
  }
});
