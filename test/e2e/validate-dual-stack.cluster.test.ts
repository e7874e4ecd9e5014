import type { V1Service } from '@kubernetes/client-node';
import { expect } from 'chai';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { KubectlError } from '../control-plane/kubectl.ts';
import { useCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { seriesOf, type Series } from '../support/exposition.ts';
import { namespace, node, pod, service } from '../support/objects.ts';
import { conditionsOf, findingsOf, ratiosOf } from '../support/report-words.ts';

const NODE = 'k8s-linuxpool1-34450317-0';

/** A Service as one of the documents makes it, each in a namespace of its own, since all have the same name there. */
interface Step {
  readonly what: string;
  readonly namespace: string;
  readonly spec: object;
  readonly policy: string;
  readonly families: readonly string[];
  readonly finding?: string;
}

const STEPS: readonly Step[] = [
  {
    what: 'without a policy gets SingleStack and an address of the first range',
    namespace: 'default-svc',
    spec: {},
    policy: 'SingleStack',
    families: ['IPv4'],
    finding: 'Info ServiceSingleStack Service default-svc/my-service IPv6',
  },
  {
    what: 'with ipFamilies [IPv6] gets SingleStack and an IPv6 address',
    namespace: 'ipfamilies-ipv6',
    spec: { ipFamilies: ['IPv6'] },
    policy: 'SingleStack',
    families: ['IPv6'],
    finding: 'Info ServiceSingleStack Service ipfamilies-ipv6/my-service IPv4',
  },
  {
    what: 'with PreferDualStack gets addresses of both families',
    namespace: 'preferred-svc',
    spec: { ipFamilyPolicy: 'PreferDualStack' },
    policy: 'PreferDualStack',
    families: ['IPv4', 'IPv6'],
  },
  {
    what: 'with PreferDualStack and ipFamilies [IPv6, IPv4] gets both, IPv6 first',
    namespace: 'preferred-ipfamilies-svc',
    spec: { ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv6', 'IPv4'] },
    policy: 'PreferDualStack',
    families: ['IPv6', 'IPv4'],
  },
  {
    what: 'with RequireDualStack gets addresses of both families',
    namespace: 'require-svc',
    spec: { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4', 'IPv6'] },
    policy: 'RequireDualStack',
    families: ['IPv4', 'IPv6'],
  },
  {
    what: 'of type LoadBalancer that prefers IPv6 gets addresses of both families, IPv6 first',
    namespace: 'prefer-ipv6-lb-svc',
    spec: { type: 'LoadBalancer', ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv6'] },
    policy: 'PreferDualStack',
    families: ['IPv6', 'IPv4'],
  },
  {
    what: 'without a clusterIP and with a selector takes SingleStack',
    namespace: 'headless-svc',
    spec: { clusterIP: 'None' },
    policy: 'SingleStack',
    families: ['IPv4'],
    finding: 'Info ServiceSingleStack Service headless-svc/my-service IPv6',
  },
  {
    what: 'without a clusterIP and without a selector takes RequireDualStack',
    namespace: 'headless-no-selector-svc',
    spec: { clusterIP: 'None', selector: undefined },
    policy: 'RequireDualStack',
    families: ['IPv4', 'IPv6'],
  },
];

/** The page's range of Services lies within its range of pods (kubernetes/website#30646). */
const OVERLAP = 'Info ServiceRangeOverlap Cluster cluster IPv6';
const FINDINGS = [OVERLAP, ...STEPS.flatMap(({ finding }) => finding ?? [])];

describe('the documents on validating dual-stack, on a cluster made with the ranges of the kubeadm page', function () {
  this.timeout(60_000);
  const cluster = useCluster({
    podRange: '10.244.0.0/16,2001:db8:42:0::/56',
    serviceRange: '10.96.0.0/16,2001:db8:42:1::/112',
  });
  let report: DualStackReport;
  let metrics: string;

  before('create what the documents create', async () => {
    await cluster.addNodes(
      node(NODE, 5, { addresses: ['10.240.0.5', '2001:1234:5678:9abc::5'] }),
      node('master01', 41, { addresses: ['10.100.0.2', 'fd00:1:2:3::2'] }),
    );
    const namespaces = [...STEPS.map((step) => step.namespace), 'external'];
    await cluster.controlPlane.create(namespaces.map((name) => namespace(name)));
    const services = STEPS.map((step) => service('my-service', { selector: { app: 'MyApp' }, ...step.spec }, step.namespace));
    await cluster.addWorkloads(
      3,
      pod('pod01', NODE),
      pod('my-app', 'master01', { namespace: 'preferred-svc', app: 'MyApp' }),
      pod('my-app', NODE, { namespace: 'require-svc', app: 'MyApp' }),
      ...services,
      service('my-service', { type: 'ExternalName', externalName: 'example.com', selector: undefined, ports: undefined }, 'external'),
    );
    await cluster.kubectl('label', 'service', 'my-service', '--namespace=preferred-svc', 'app=MyApp', '--overwrite');
    const ingress = [{ ip: '2603:1030:805::5' }, { ip: '203.0.113.80' }];
    await cluster.patchStatus('service', 'my-service', { loadBalancer: { ingress } }, 'prefer-ipv6-lb-svc');
    const operator = await cluster.operator();
    await eventually(async () => {
      report = await cluster.report();
      expect(findingsOf(report)).to.have.members(FINDINGS);
      expect(ratiosOf(report)).to.deep.equal(['2/2', '3/3', '4/7']);
      expect(report.status?.endpoints?.ratio).to.equal('2/2');
    });
    metrics = await operator.metrics();
  });

  describe('node addressing', () => {
    it('shows one IPv4 and one IPv6 block of each node', async () => {
      const template = '{{range .spec.podCIDRs}}{{printf "%s\\n" .}}{{end}}';
      for (const name of [NODE, 'master01']) {
        const blocks = await cluster.kubectl('get', 'nodes', name, '-o', 'go-template', `--template=${template}`);
        expect(blocks, name).to.match(/^10\.244\.\d+\.0\/24\n2001:db8:42:[\da-f:]*:\/64\n$/);
      }
    });

    it('shows the addresses of both families of a node', async () => {
      const template = '{{range .status.addresses}}{{printf "%s: %s\\n" .type .address}}{{end}}';
      const addresses = await cluster.kubectl('get', 'nodes', NODE, '-o', 'go-template', `--template=${template}`);
      expect(addresses).to.equal(`InternalIP: 10.240.0.5\nInternalIP: 2001:1234:5678:9abc::5\nHostname: ${NODE}\n`);
    });

    it('reports all nodes as dual-stack, IPv4 first', () => {
      expect(report.status?.nodes).to.include({ total: 2, dualStack: 2, ratio: '2/2' });
      expect(report.status?.stack?.nodes).to.include({ families: 'DualStack', primary: 'IPv4' });
      expect(seriesOf(metrics, 'dualstack_nodes')).to.include({ '{families="dual"}': 2, '{families="ipv4"}': 0 });
      expect(seriesOf(metrics, 'dualstack_node_pod_cidr_missing')).to.deep.equal({});
    });
  });

  describe('pod addressing', () => {
    it('shows both addresses of a pod', async () => {
      const template = '{{range .status.podIPs}}{{printf "%s\\n" .ip}}{{end}}';
      const addresses = await cluster.kubectl('get', 'pods', 'pod01', '-o', 'go-template', `--template=${template}`);
      expect(addresses).to.match(/^10\.244\.\d+\.\d+\n2001:db8:42:[\da-f:]+\n$/);
    });

    it('reports all pods as dual-stack', () => {
      expect(report.status?.pods).to.include({ total: 3, dualStack: 3, ratio: '3/3' });
      expect(seriesOf(metrics, 'dualstack_pods')).to.include({ '{namespace="default",families="dual"}': 1 });
    });
  });

  describe('a Service', () => {
    for (const step of STEPS) {
      it(step.what, async () => {
        const { spec } = await myService(step.namespace);
        expect(spec?.ipFamilyPolicy).to.equal(step.policy);
        expect(spec?.ipFamilies).to.deep.equal(step.families);
        if (spec?.clusterIP === 'None') expect(spec.clusterIPs).to.deep.equal(['None']);
        else expect(spec?.clusterIPs?.map(familyOf)).to.deep.equal(step.families);
      });

      it(`${step.what}: ${step.finding ? 'is reported for information' : 'is not reported'}`, () => {
        expect(findingsOf(report).filter((finding) => finding.includes(` ${step.namespace}/`))).to.deep.equal(
          step.finding ? [step.finding] : [],
        );
        const series = seriesOf(metrics, 'dualstack_services');
        expect(ofNamespace(series, step.namespace)).to.deep.equal(countedAs(step));
      });
    }

    it('of both families shows the primary address only in kubectl get, and both in kubectl describe', async () => {
      const { spec } = await myService('preferred-svc');
      const listed = await cluster.kubectl('get', 'svc', '-l', 'app=MyApp', '--namespace=preferred-svc');
      expect(listed).to.contain(spec?.clusterIP).and.not.contain(spec?.clusterIPs?.[1]);
      const described = await cluster.kubectl('describe', 'svc', '-l', 'app=MyApp', '--namespace=preferred-svc');
      expect(described).to.match(/^IP Family Policy: +PreferDualStack$/m);
      expect(described).to.match(/^IP Families: +IPv4,IPv6$/m);
      expect(described).to.match(new RegExp(`^IPs: +${spec?.clusterIPs?.join(',')}$`, 'm'));
    });

    it('keeps both families when a manifest without families is applied over it', async () => {
      const plain = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'my-service', namespace: 'require-svc' } };
      const spec = { ports: [{ port: 80 }], selector: { app: 'MyApp' } };
      await cluster.controlPlane.kubectl(['apply', '--filename=-'], { input: JSON.stringify({ ...plain, spec }) });
      expect((await myService('require-svc')).spec).to.include({ ipFamilyPolicy: 'RequireDualStack' });
    });

    it('of type ExternalName has no families and is skipped', async () => {
      expect((await myService('external')).spec).to.not.have.any.keys('ipFamilies', 'ipFamilyPolicy', 'clusterIPs');
      expect(report.status?.services?.skipped).to.deep.equal({ apiServer: 1, externalName: 1, headlessWithoutSelector: 1 });
      expect(ofNamespace(seriesOf(metrics, 'dualstack_services'), 'external')).to.deep.equal({});
    });

    it('named kubernetes, of the API server itself, is single-stack and skipped', async () => {
      const { spec } = await cluster.get<V1Service>('/api/v1/namespaces/default/services/kubernetes');
      expect(spec).to.include({ ipFamilyPolicy: 'SingleStack' });
      expect(ofNamespace(seriesOf(metrics, 'dualstack_services'), 'default')).to.deep.equal({});
    });

    it('with the field ipFamily of Kubernetes 1.16 is refused', async () => {
      const old = { ...service('my-old-service'), spec: { ipFamily: 'IPv6', selector: { app: 'MyApp' }, ports: [{ port: 80 }] } };
      const unavailability = await cluster.controlPlane.create([old]).catch((error: unknown) => error);
      expect(unavailability).to.be.instanceOf(KubectlError);
      expect(String(unavailability)).to.match(/unknown field "(spec\.)?ipFamily"/);
    });

    it('of type LoadBalancer shows the IPv6 address that its provider gave it', async () => {
      const { spec } = await myService('prefer-ipv6-lb-svc');
      const listed = await cluster.kubectl('get', 'svc', 'my-service', '--namespace=prefer-ipv6-lb-svc');
      expect(listed).to.match(new RegExp(`LoadBalancer +${spec?.clusterIP} +\\S*2603:1030:805::5`));
    });
  });

  it('is healthy as a whole: findings for information do no harm', () => {
    expect(conditionsOf(report)).to.deep.equal({
      Ready: 'True',
      Healthy: 'True',
      NodesHealthy: 'True',
      PodsHealthy: 'True',
      ServicesHealthy: 'True',
      SpecValid: 'True',
    });
    expect(report.status?.stack?.overall).to.equal('DualStack');
    expect(report.status?.summary).to.include({ critical: 0, warning: 0, info: FINDINGS.length });
  });

  async function myService(inNamespace: string): Promise<V1Service> {
    return cluster.get(`/api/v1/namespaces/${inNamespace}/services/my-service`);
  }
});

function familyOf(address: string): string {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

function ofNamespace(series: Series, name: string): Series {
  return Object.fromEntries(Object.entries(series).filter(([labels]) => labels.includes(`namespace="${name}"`)));
}

/** A headless Service without a selector is skipped. */
function countedAs({ namespace: name, policy, families }: Step): Series {
  if (name === 'headless-no-selector-svc') return {};
  const label = families.length === 2 ? 'dual' : families[0]?.toLowerCase();
  return { [`{namespace="${name}",policy="${policy}",families="${label}"}`]: 1 };
}
