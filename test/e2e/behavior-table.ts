import type { Stack } from '../control-plane/stacks.ts';

/** `policy families`, as `PreferDualStack 46`; `refused` where the API server does not take the Service. */
export type Outcome = string;

/** What is asked for, and what becomes of it: `-` for what is skipped. Families are written 4, 6, 46 and 64. */
export type Row = readonly [policy: string, families: string, stored: Outcome, headlessWithoutSelector: Outcome];

/**
 * What a Kubernetes API server makes of the policy and the families of a new Service.
 *
 * The third column holds for ClusterIP, NodePort and LoadBalancer, with a selector or without, and for headless Services with one:
 * - no policy is SingleStack (#default-family-policy), and two families need a policy that says so;
 * - SingleStack has one family, of those that the cluster has, the first one by default (#service-cidr-is-evidence, #cluster-ips);
 * - PreferDualStack has what the cluster has, in the order asked for (fact 3);
 * - RequireDualStack is refused where the cluster has one family (#require-dual-stack).
 *
 * The fourth is of headless Services without a selector, of which nobody makes the endpoints: they may be of any family on any cluster, and
 * are RequireDualStack by default (#default-family-policy). ExternalName has neither field, and is refused with either (#external-name).
 */
export const BEHAVIOR: Readonly<Record<Stack, readonly Row[]>> = {
  ipv4: [
    ['-', '-', 'SingleStack 4', 'RequireDualStack 46'],
    ['-', '4', 'SingleStack 4', 'RequireDualStack 46'],
    ['-', '6', 'refused', 'RequireDualStack 64'],
    ['-', '46', 'refused', 'RequireDualStack 46'],
    ['-', '64', 'refused', 'RequireDualStack 64'],
    ['SingleStack', '-', 'SingleStack 4', 'SingleStack 4'],
    ['SingleStack', '4', 'SingleStack 4', 'SingleStack 4'],
    ['SingleStack', '6', 'refused', 'SingleStack 6'],
    ['SingleStack', '46', 'refused', 'refused'],
    ['SingleStack', '64', 'refused', 'refused'],
    ['PreferDualStack', '-', 'PreferDualStack 4', 'PreferDualStack 46'],
    ['PreferDualStack', '4', 'PreferDualStack 4', 'PreferDualStack 46'],
    ['PreferDualStack', '6', 'refused', 'PreferDualStack 64'],
    ['PreferDualStack', '46', 'refused', 'PreferDualStack 46'],
    ['PreferDualStack', '64', 'refused', 'PreferDualStack 64'],
    ['RequireDualStack', '-', 'refused', 'RequireDualStack 46'],
    ['RequireDualStack', '4', 'refused', 'RequireDualStack 46'],
    ['RequireDualStack', '6', 'refused', 'RequireDualStack 64'],
    ['RequireDualStack', '46', 'refused', 'RequireDualStack 46'],
    ['RequireDualStack', '64', 'refused', 'RequireDualStack 64'],
  ],
  ipv6: [
    ['-', '-', 'SingleStack 6', 'RequireDualStack 64'],
    ['-', '4', 'refused', 'RequireDualStack 46'],
    ['-', '6', 'SingleStack 6', 'RequireDualStack 64'],
    ['-', '46', 'refused', 'RequireDualStack 46'],
    ['-', '64', 'refused', 'RequireDualStack 64'],
    ['SingleStack', '-', 'SingleStack 6', 'SingleStack 6'],
    ['SingleStack', '4', 'refused', 'SingleStack 4'],
    ['SingleStack', '6', 'SingleStack 6', 'SingleStack 6'],
    ['SingleStack', '46', 'refused', 'refused'],
    ['SingleStack', '64', 'refused', 'refused'],
    ['PreferDualStack', '-', 'PreferDualStack 6', 'PreferDualStack 64'],
    ['PreferDualStack', '4', 'refused', 'PreferDualStack 46'],
    ['PreferDualStack', '6', 'PreferDualStack 6', 'PreferDualStack 64'],
    ['PreferDualStack', '46', 'refused', 'PreferDualStack 46'],
    ['PreferDualStack', '64', 'refused', 'PreferDualStack 64'],
    ['RequireDualStack', '-', 'refused', 'RequireDualStack 64'],
    ['RequireDualStack', '4', 'refused', 'RequireDualStack 46'],
    ['RequireDualStack', '6', 'refused', 'RequireDualStack 64'],
    ['RequireDualStack', '46', 'refused', 'RequireDualStack 46'],
    ['RequireDualStack', '64', 'refused', 'RequireDualStack 64'],
  ],
  dual: [
    ['-', '-', 'SingleStack 4', 'RequireDualStack 46'],
    ['-', '4', 'SingleStack 4', 'RequireDualStack 46'],
    ['-', '6', 'SingleStack 6', 'RequireDualStack 64'],
    ['-', '46', 'refused', 'RequireDualStack 46'],
    ['-', '64', 'refused', 'RequireDualStack 64'],
    ['SingleStack', '-', 'SingleStack 4', 'SingleStack 4'],
    ['SingleStack', '4', 'SingleStack 4', 'SingleStack 4'],
    ['SingleStack', '6', 'SingleStack 6', 'SingleStack 6'],
    ['SingleStack', '46', 'refused', 'refused'],
    ['SingleStack', '64', 'refused', 'refused'],
    ['PreferDualStack', '-', 'PreferDualStack 46', 'PreferDualStack 46'],
    ['PreferDualStack', '4', 'PreferDualStack 46', 'PreferDualStack 46'],
    ['PreferDualStack', '6', 'PreferDualStack 64', 'PreferDualStack 64'],
    ['PreferDualStack', '46', 'PreferDualStack 46', 'PreferDualStack 46'],
    ['PreferDualStack', '64', 'PreferDualStack 64', 'PreferDualStack 64'],
    ['RequireDualStack', '-', 'RequireDualStack 46', 'RequireDualStack 46'],
    ['RequireDualStack', '4', 'RequireDualStack 46', 'RequireDualStack 46'],
    ['RequireDualStack', '6', 'RequireDualStack 64', 'RequireDualStack 64'],
    ['RequireDualStack', '46', 'RequireDualStack 46', 'RequireDualStack 46'],
    ['RequireDualStack', '64', 'RequireDualStack 64', 'RequireDualStack 64'],
  ],
  'dual-ipv6-first': [
    ['-', '-', 'SingleStack 6', 'RequireDualStack 64'],
    ['-', '4', 'SingleStack 4', 'RequireDualStack 46'],
    ['-', '6', 'SingleStack 6', 'RequireDualStack 64'],
    ['-', '46', 'refused', 'RequireDualStack 46'],
    ['-', '64', 'refused', 'RequireDualStack 64'],
    ['SingleStack', '-', 'SingleStack 6', 'SingleStack 6'],
    ['SingleStack', '4', 'SingleStack 4', 'SingleStack 4'],
    ['SingleStack', '6', 'SingleStack 6', 'SingleStack 6'],
    ['SingleStack', '46', 'refused', 'refused'],
    ['SingleStack', '64', 'refused', 'refused'],
    ['PreferDualStack', '-', 'PreferDualStack 64', 'PreferDualStack 64'],
    ['PreferDualStack', '4', 'PreferDualStack 46', 'PreferDualStack 46'],
    ['PreferDualStack', '6', 'PreferDualStack 64', 'PreferDualStack 64'],
    ['PreferDualStack', '46', 'PreferDualStack 46', 'PreferDualStack 46'],
    ['PreferDualStack', '64', 'PreferDualStack 64', 'PreferDualStack 64'],
    ['RequireDualStack', '-', 'RequireDualStack 64', 'RequireDualStack 64'],
    ['RequireDualStack', '4', 'RequireDualStack 46', 'RequireDualStack 46'],
    ['RequireDualStack', '6', 'RequireDualStack 64', 'RequireDualStack 64'],
    ['RequireDualStack', '46', 'RequireDualStack 46', 'RequireDualStack 46'],
    ['RequireDualStack', '64', 'RequireDualStack 64', 'RequireDualStack 64'],
  ],
};
