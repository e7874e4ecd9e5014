import { expect } from 'chai';
import { Progress } from '../../src/cli/progress.ts';
import { scanText, wrap, type TextOptions } from '../../src/outputs/text.ts';
import type { ServiceFacts } from '../../src/core/kinds/facts.ts';
import type { DualStackReportStatus, ListedFinding } from '../../src/core/report/types.ts';
import {
  apiServer,
  dualNodes,
  dualService,
  evaluateAll,
  ipv4Node,
  ipv4Pod,
  NOW,
  pod,
  service,
  serviceCIDR,
  slicesFor,
  type ServiceSketch,
} from '../core/build.ts';
import { rootCauses } from '../../src/core/report/root-causes.ts';
import { selectionFor } from '../../src/core/report/selection.ts';
import { report, statusOf } from '../core/report/report.ts';

const PLAIN: TextOptions = { width: 100, paint: (_style, text) => text };
const MARKED: TextOptions = { width: 100, paint: (style, text) => `<${style}>${text}</${style}>` };

const WEB = service({ name: 'web', selector: { app: 'web' } });
const PODS = [...['a', 'b', 'c'].map((nodeName) => pod({ name: `web-${nodeName}`, nodeName })), ipv4Pod('web-d', { nodeName: 'd' })];
const FACTS = [
  ...dualNodes('a', 'b', 'c'),
  ipv4Node('d'),
  serviceCIDR(),
  apiServer(),
  dualService({ name: 'both', selector: {} }),
  WEB,
  ...PODS,
  ...slicesFor(WEB, PODS),
];
const STATUS = statusOf(FACTS);

function causesOf(): string[] {
  const { evaluation, store } = evaluateAll(FACTS);
  return [...rootCauses(selectionFor(report(), evaluation, store, NOW), evaluation, store).byId.values()].map(({ message }) => message);
}

describe('the text of a scan', () => {
  it('has the verdict, the layers, the root causes and the findings', () => {
    expect(scanText(STATUS, causesOf(), PLAIN)).to
      .equal(`Not healthy: 1 critical, 1 info; 1 root cause to fix: Node d has no IPv6 podCIDR (it has only
10.244.4.0/24): 1 pod.

Stack by layer: Dual-stack
  Nodes     Dual-stack, IPv4 first; 3 of 4 dual-stack in addresses and podCIDRs in use, 1 IPv4 only
            of 4 nodes 4 have addresses of both families, 0 IPv4 only, 0 IPv6 only
  Pods      Dual-stack, IPv4 first; 3 of 4 dual-stack, 1 IPv4 only
            of 4 pod-network pods 3 have addresses of both families, 1 IPv4 only, 0 IPv6 only; nodes
            have podCIDRs of IPv4 and IPv6
  Services  Dual-stack, IPv4 first; 1 of 2 dual-stack, 1 IPv4 only, 1 not evaluated (1 API server)
            ServiceCIDR kubernetes has IPv4 and IPv6
  Endpoints none to evaluate
  Migration Stage 2 of 4, the pod network: 1 of 4 nodes that do not give their pods both families, 1
            of 4 pods without both families. After that: 1 of 2 Services without both families.

Root causes
  - Node d has no IPv6 podCIDR (it has only 10.244.4.0/24): 1 pod

Findings
  Critical  NodePodCIDRMissing
            Node d has no IPv6 podCIDR (it has only 10.244.4.0/24)
            affects 1 Pod (shop/web-d)
            Fix: Register the node again, so that it gets an IPv6 podCIDR: podCIDRs cannot be
            changed once set.
            1. Make kube-controller-manager's --cluster-cidr name a range of each family, the
               present one first, with room for all nodes and with all present podCIDRs in it:
               otherwise kube-controller-manager does not start. kube-controller-manager restarts;
               pods keep running.
            2. Note the labels, annotations and taints of the node: its new Node object has only
               those that its kubelet and its platform set, and until you set a taint again, any pod
               may start there. Then drain the node and delete its Node object. That evicts its
               pods, which start on other nodes, and loses their emptyDir volumes. (recreates a
               node)
               $ kubectl drain d --ignore-daemonsets --delete-emptydir-data && kubectl delete node d
            3. Restart the machine, so that its kubelet registers it with new podCIDRs. A pod that
               outlives its Node object, such as one of a DaemonSet, keeps an address that another
               node may be given: restarting the kubelet alone is not enough. (restarts pods)
               Exposes: The new pods, at their IPv6 addresses. NetworkPolicies with ipBlocks of only
               the other family do not cover these addresses.
  Info      ServiceSingleStack
            Service shop/web is SingleStack (IPv4) though Services of this cluster can have IPv6 too
            Fix: Set its policy to PreferDualStack; the present clusterIP stays.
            -  Set ipFamilyPolicy: the Service gets an IPv6 address beside the present one.
               $ kubectl patch service web --namespace shop --type merge --patch '{"spec":{"ipFamilyPolicy":"PreferDualStack"}}'
`);
  });

  it('marks words on a terminal, and says the same', () => {
    const marked = scanText(STATUS, causesOf(), MARKED);
    expect(marked.replaceAll(/<\/?[a-z]+>/g, '')).to.equal(scanText(STATUS, causesOf(), PLAIN));
    for (const words of ['<red>Not healthy: 1 critical', '<red>Critical  </red><bold>NodePodCIDRMissing</bold>', '<green>Fix:</green>'])
      expect(marked).to.contain(words);
  });

  it('keeps to the width of the terminal, but for commands', () => {
    const lines = scanText(STATUS, causesOf(), { ...PLAIN, width: 60 }).split('\n');
    expect(lines.filter((line) => line.length > 60 && !line.includes('$ kubectl'))).to.deep.equal([]);
  });

  it('says why a layer cannot be determined, and what to do about it', () => {
    const text = scanText(statusOf(FACTS, { refused: ['Pod', 'EndpointSlice'] }), [], PLAIN);
    expect(text).to.match(/^Cannot evaluate nodes, pods and Services: Not allowed/);
    expect(text).to.match(/\n {2}Pods {6}[^\n]*\n {12}Forbidden: Not allowed to list and watch these: grant the rule for them\.\n/);
  });

  it('says what is missing where nothing can be determined', () => {
    expect(scanText(statusOf([]), [], PLAIN)).to.match(/^Nothing to evaluate: there are no nodes, no pods and no Services\.\n/);
    expect(scanText({}, [], PLAIN)).to.equal('Not evaluated yet.\n');
  });

  it('says that what is expected cannot be met', () => {
    const text = scanText(
      statusOf(FACTS.filter(({ kind }) => kind !== 'ServiceCIDR').concat(serviceCIDR({ cidrs: ['10.96.0.0/16'] })), {
        spec: { expectedFamilies: ['IPv6'] },
      }),
      [],
      PLAIN,
    );
    expect(text.replaceAll('\n', ' ')).to.contain('spec.expectedFamilies names IPv6, which Services cannot have');
  });

  it('leaves the fix of an effect to its cause, and not where that is not listed', () => {
    const [cause] = STATUS.findings ?? [];
    const effect: ListedFinding = {
      ...cause!,
      object: { kind: 'Pod', namespace: 'shop', name: 'x' },
      id: 'other',
      check: 'PodFamilyMissing',
      causedBy: cause!,
    };
    const text = (findings: readonly ListedFinding[]): string => scanText({ findings }, [], PLAIN);
    expect(text([cause!, effect]).match(/Fix:/g)).to.have.length(1);
    expect(text([effect]))
      .to.contain('because of NodePodCIDRMissing on Node d')
      .and.to.contain('Fix:');
  });

  it('says once what it finds alike on many objects, by namespace, unless the fix or the cause differs', () => {
    const one = (STATUS.findings ?? []).find(({ check }) => check === 'ServiceSingleStack')!;
    const of = (namespace: string, name: string, more: Partial<ListedFinding> = {}): ListedFinding => ({
      ...(JSON.parse(
        JSON.stringify(one)
          .replaceAll('shop/web', `${namespace}/${name}`)
          .replaceAll('web --namespace shop', `${name} --namespace ${namespace}`),
      ) as ListedFinding),
      id: `${namespace}/${name}`,
      object: { kind: 'Service', namespace, name },
      ...more,
    });
    const text = (findings: readonly ListedFinding[]): string => scanText({ findings }, [], PLAIN);
    const four = [of('shop', 'a'), of('blog', 'b'), of('shop', 'c'), of('shop', 'd')];
    expect(text(four)).to.contain(`Findings
  Info      ServiceSingleStack
            4 Services: 3 in shop, 1 in blog
            for example: Service shop/a is SingleStack (IPv4) though Services of this cluster can
            have IPv6 too
            Fix each: Set its policy to PreferDualStack; the present clusterIP stays.
`);
    expect(text(four).match(/ServiceSingleStack/g)).to.have.length(1);
    expect(text(four.slice(1)).match(/ServiceSingleStack/g)).to.have.length(3);
    const otherFix = of('shop', 'e', { remediation: { summary: 'Ask its owner.', steps: [] } });
    expect(text([...four, otherFix]).match(/ServiceSingleStack/g)).to.have.length(2);
    const affecting = of('shop', 'f', { affects: [{ kind: 'Pod', count: 1 }] });
    expect(text([...four, affecting]).match(/ServiceSingleStack/g)).to.have.length(2);
  });

  it('prints the fix of each finding that opens something, or is made somewhere else, than the fixes of those alike', () => {
    const prefers = (name: string, parts: ServiceSketch = {}): ServiceFacts => service({ name, policy: 'PreferDualStack', ...parts });
    const services = [
      ...['cart', 'pay', 'user', 'shop'].map((name) => prefers(name)),
      prefers('aaa', { owner: 'Helm', ownerName: 'shop' }),
      prefers('api', { type: 'NodePort' }),
    ];
    // Otherwise the fix of their cause is printed.
    const spec = { checks: [{ name: 'ServicesPredateDualStack', severity: 'Ignore' as const }] };
    const { findings } = statusOf([serviceCIDR(), ...services], { spec });
    const fixes = scanText({ findings: findings ?? [] }, [], PLAIN)
      .split('  Warning   ServiceNotUpgraded\n')
      .slice(1);
    expect(fixes).to.have.length(3);
    expect(fixes[0]).to.contain('Make this change in the values of Helm release shop').and.not.to.contain('kubectl');
    expect(fixes[1]).to.contain('Exposes: Its node port').and.not.to.contain('kubectl');
    expect(fixes[2]).to.contain('4 Services: 4 in shop').and.to.contain('Fix each:').and.to.contain('$ kubectl patch service cart');
  });

  it('says how many more root causes and findings there are', () => {
    const status: DualStackReportStatus = { ...STATUS, summary: { ...STATUS.summary!, rootCauses: 5 }, findingsOmitted: 7 };
    expect(scanText(status, ['One', 'Two'], PLAIN))
      .to.contain('  - One\n  - Two\n    and 3 more\n')
      .and.to.contain('  and 7 more, which');
  });
});

describe('wrapped text', () => {
  for (const [text, lines] of [
    ['', ['  ']],
    ['one two', ['  one two']],
    ['one two three four', ['  one two', '  three', '  four']],
    ['onetwothreefour five', ['  onetwothreefour', '  five']],
  ] as const) {
    it(`breaks between words, and never within one: '${text}'`, () => {
      expect(wrap(text, '  ', 9)).to.deep.equal(lines);
    });
  }

  it('has its title in place of the first indent', () => {
    expect(wrap('one two', '     ', 8, 'T')).to.deep.equal(['T    one', '     two']);
  });
});

describe('progress', () => {
  let time = 0;

  function written(isTTY: boolean, say: (progress: Progress) => void): string {
    let text = '';
    const write = (chunk: string | Uint8Array): boolean => {
      text += chunk.toString();
      return true;
    };
    say(new Progress({ isTTY, columns: 20, write }, () => time));
    return text;
  }

  it('is said nowhere but on a terminal, and not of what is quick', () => {
    const quick = (progress: Progress): void => {
      progress.say(() => 'reading');
      progress.clear();
    };
    expect([written(true, quick), written(false, quick)]).to.deep.equal(['', '']);
  });

  it('is said on one line that is taken away again', () => {
    const text = written(true, (progress) => {
      for (const end = time + 1000; time < end; time += 50) progress.say(() => 'reading a very long name of a file');
      progress.clear();
      progress.clear();
    });
    const erased = '\r\u001b[K';
    const said = text.split(erased).filter((line) => line !== '');
    expect(said).to.deep.equal(['reading a very long', 'reading a very long', 'reading a very long']);
    expect(text.endsWith(erased)).to.equal(true);
    expect(text.split(erased), 'at half a second, and every fifth of one').to.have.length(3 + 2);
  });
});
