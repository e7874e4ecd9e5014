import { isDual, joinWithOr, missingFrom } from '../net/addresses.ts';
import { SERVICES_NOT_UPGRADED } from '../cluster/reach.ts';
import type { ServiceFacts } from '../kinds/facts.ts';
import { firstOf } from '../words.ts';
import type { ClusterView } from '../cluster/view.ts';
import { upgradeService } from './service-not-upgraded.ts';
import { violation, type ClusterCheck, type Description, type RemediationStep, type Violation } from './check.ts';

/** So many Services are named in a step, and have their commands in it. */
const MOST_NAMED = 3;

/** So many steps are there for the ways to upgrade a Service; where there are more ways, the last step is for all others. */
const MOST_WAYS = 7;

/** What a step takes. */
const LONGEST_COMMAND = 512;

const LOOK: RemediationStep = {
  description: 'See which Services prefer dual-stack and have one family.',
  command:
    'kubectl get services --all-namespaces -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,POLICY:.spec.ipFamilyPolicy,FAMILIES:.spec.ipFamilies',
  disruption: 'None',
};

/**
 * rules.md#prefer-dual-stack-is-not-upgraded. It is Info, and as bad as what it explains: whoever excludes these Services hears no more of them.
 */
export const servicesPredateDualStack: ClusterCheck = {
  name: 'ServicesPredateDualStack',
  kind: 'Cluster',
  severity: 'Info',
  layer: 'services',
  description: 'Several Services with the policy PreferDualStack are from before Services of this cluster could have both families.',
  rationale:
    'Kubernetes never upgrades a Service, so all that requested both families before the API server had them keep one ' +
    '(kubernetes/kubernetes#101681). For two or more such Services, this one finding is the cause, and each keeps its finding ' +
    'ServiceNotUpgraded. A Service with the policy SingleStack does not count, because it has one family on purpose.',
  remediation: 'Set ipFamilies of these Services to both families, the present one first.',
  needs: ['Service', 'ServiceCIDR'],
  evaluate,
  describe,
  explains: SERVICES_NOT_UPGRADED,
};

function evaluate({ notUpgraded }: ClusterView): Violation | undefined {
  return notUpgraded.areSeveral ? violation(notUpgraded.missing) : undefined;
}

function describe({ families }: Violation, view: ClusterView): Description {
  return {
    message: `${view.notUpgraded.total} Services that prefer dual-stack have ${isDual(families) ? 'one family' : `no ${joinWithOr(families)}`}, because they were never upgraded`,
    remediation: { summary: servicesPredateDualStack.remediation, steps: [LOOK, ...upgrades(view)] },
  };
}

interface Upgrade {
  readonly name: string;
  readonly step: RemediationStep;
}

/** A step for the Services that are upgraded alike and open alike. */
function upgrades(view: ClusterView): readonly RemediationStep[] {
  const services = [...view.services()].filter((service) => SERVICES_NOT_UPGRADED.includes(service, view));
  const ways = [...Map.groupBy(services.map((service) => upgradeOf(service, view)).sort(byName), wayOf).values()].sort(byExposure);
  if (ways.length <= MOST_WAYS) return ways.map(stepOf);
  return [...ways.slice(0, MOST_WAYS - 1).map(stepOf), upgradeRest(ways.slice(MOST_WAYS - 1).flat())];
}

/** A step that opens something is not to be the one that has no room. */
function byExposure([a]: readonly Upgrade[], [b]: readonly Upgrade[]): number {
  const closed = (one: Upgrade | undefined): number => (one?.step.exposes === undefined ? 1 : 0);
  return closed(a) - closed(b);
}

/** Their own findings are effects of this one, so the text of a report does not show how to fix them. */
function upgradeRest(rest: readonly Upgrade[]): RemediationStep {
  const opens = rest.flatMap(({ step }) => step.exposes ?? []);
  return {
    description: `Upgrade ${namesOf(rest)} as the steps of their own findings say, which "dualstack-operator scan --output json" shows under remediation of each ServiceNotUpgraded.`,
    disruption: rest.some(({ step }) => step.disruption === 'ChangesAddress') ? 'ChangesAddress' : 'None',
    ...(opens.length === 0 ? {} : { exposes: 'Load balancers and node ports of these Services, as their own findings say.' }),
  };
}

function upgradeOf(service: ServiceFacts, view: ClusterView): Upgrade {
  const lacks = missingFrom(service.ipFamilies, view.serviceFamiliesWanted);
  return { name: `${service.namespace}/${service.name}`, step: upgradeService(service, lacks, view) };
}

function wayOf({ step: { description, disruption, exposes, command } }: Upgrade): string {
  return JSON.stringify([description, disruption, exposes, command !== undefined]);
}

function stepOf(upgraded: readonly Upgrade[]): RemediationStep {
  const [first] = upgraded;
  const command = commandOf(upgraded.slice(0, MOST_NAMED));
  return {
    description: `${first?.step.description ?? ''} Services: ${namesOf(upgraded)}.`,
    ...(command === '' ? {} : { command }),
    disruption: first?.step.disruption ?? 'None',
    ...(first?.step.exposes === undefined ? {} : { exposes: first.step.exposes }),
  };
}

/** The commands of as many as fit into one. */
function commandOf(upgraded: readonly Upgrade[]): string {
  return upgraded
    .flatMap(({ step }) => step.command ?? [])
    .reduce((all, command) => {
      const longer = all === '' ? command : `${all} && ${command}`;
      return longer.length <= LONGEST_COMMAND ? longer : all;
    }, '');
}

function namesOf(upgraded: readonly Upgrade[]): string {
  return firstOf(
    upgraded.map(({ name }) => name),
    MOST_NAMED,
  );
}

function byName(a: Upgrade, b: Upgrade): number {
  return a.name < b.name ? -1 : 1;
}
