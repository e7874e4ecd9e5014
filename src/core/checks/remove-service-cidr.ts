import type { RemediationStep } from './check.ts';
import { namesOf } from './remedies.ts';

/**
 * How a ServiceCIDR goes that was added to the ranges of the API server. One that Services have addresses of stays until they are gone, since a
 * finalizer keeps it.
 * @param users the Services with addresses that are not in the ranges of the API server
 */
export function removeServiceCIDR(name: string, users: readonly string[]): readonly RemediationStep[] {
  if (users.length === 0) {
    return [
      {
        description: `Delete ServiceCIDR ${name}. No Service has an address of it, and all Services keep theirs. If another ServiceCIDR is to replace it, add that first, with a range that overlaps no podCIDRs and no nodes. ${OWNER}`,
        command: `kubectl delete servicecidr ${name}`,
        disruption: 'None',
      },
    ];
  }
  return [
    {
      description: `Delete ServiceCIDR ${name}, so that no more Services get addresses of it. Those that have one keep it: a finalizer keeps the ServiceCIDR until no Service has an address that no other ServiceCIDR has. If another one is to replace it, add that first, with a range that overlaps no podCIDRs and no nodes. ${OWNER}`,
      command: `kubectl delete servicecidr ${name} --wait=false`,
      disruption: 'None',
    },
    {
      description: `Delete ${namesOf('Service', users)}, and create ${users.length === 1 ? 'it' : 'them'} again at ${users.length === 1 ? 'its owner' : 'their owners'}, without clusterIP and clusterIPs in the manifest: the clusterIPs of a Service cannot be changed. Clients lose their connections, and have to look up the new address. A load balancer may get another address too.`,
      disruption: 'ChangesAddress',
    },
  ];
}

const OWNER = 'If something applies it, such as a Helm release or Argo CD, remove it there.';
