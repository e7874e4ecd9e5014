import { endpointSliceStray } from '../../../src/core/checks/endpoint-slice-stray.ts';
import type { EndpointSliceFacts } from '../../../src/core/kinds/facts.ts';
import { dualNodes, dualService, ipv4Node, ipv4Pod, MINUTE, NOW, service, slice, type ServiceSketch, type SliceSketch } from '../build.ts';
import { describeCheck } from './table.ts';

const DELETE_SLICES = 'None: Delete what is left over. The Service has no address of IPv6, so no client of it uses these slices.';

/** A slice of IPv6 that the controller keeps for the Service of IPv4. */
function stray(parts: SliceSketch = {}): EndpointSliceFacts {
  return slice({ name: 'web-six', addressType: 'IPv6', ...parts });
}

const FOUND = ['Info Service/shop/web IPv6'];
const six: ServiceSketch = { clusterIPs: ['fd00:10:96::10'] };

describeCheck(
  endpointSliceStray,
  [
    {
      name: 'fires on a slice of a family that the Service has not (#families-of-slices)',
      given: [service(), slice(), stray()],
      finds: FOUND,
    },
    { name: 'fires on one of IPv4', given: [service(six), slice(), stray()], finds: ['Info Service/shop/web IPv4'] },
    { name: 'fires on empty slices and on others', given: [service(), stray({ readyTargets: ['uid-web-1'] })], finds: FOUND },
    { name: 'fires on headless Services', given: [service({ headless: true, ipFamilies: ['IPv4'] }), stray()], finds: FOUND },
    { name: 'says nothing where the Service has both', given: [dualService(), slice(), stray()], finds: [] },
    { name: 'says nothing of slices of its family, however many', given: [service(), slice(), slice({ name: 'web-2' })], finds: [] },
    {
      name: 'says nothing of slices that are mirrored or made by hand (#families-of-slices)',
      given: [service(), stray({ managed: false })],
      finds: [],
    },
    { name: 'passes over slices of names (FQDN)', given: [service(), stray({ addressType: undefined })], finds: [] },
    {
      name: 'takes no slice of another Service or namespace for its own (#ready-targets)',
      given: [service(), stray({ serviceName: 'web2' }), stray({ namespace: 'blog' }), stray({ serviceName: '', name: 'nobody' })],
      finds: [],
    },
    { name: 'says nothing of a Service without a selector', given: [service({ selector: {} }), stray()], finds: [] },
    {
      name: 'says nothing of a headless Service without a selector (#default-family-policy)',
      given: [service({ selector: {}, headless: true, ipFamilies: ['IPv4'] }), stray()],
      finds: [],
    },
    { name: 'says nothing of an ExternalName Service (#external-name)', given: [service({ type: 'ExternalName' }), stray()], finds: [] },
    {
      name: 'says nothing of a Service that names no family (#services-before-1-20)',
      given: [service({ ipFamilies: [] }), slice(), stray()],
      finds: [],
    },
    { name: 'says nothing of a Service that is being deleted', given: [service({ deleting: true }), stray()], finds: [] },
    { name: 'says nothing of slices whose Service is not there', given: [stray()], finds: [] },
    { name: 'gives a Service that was just changed a minute', given: [{ ...service(), changedAt: NOW - MINUTE + 1 }, stray()], finds: [] },
    { name: 'gives a new slice a minute', given: [service(), stray({ createdAt: NOW - MINUTE + 1 })], finds: [] },
    { name: 'gives it no more', given: [service(), stray({ createdAt: NOW - MINUTE })], finds: FOUND },
    {
      name: 'goes by the eldest',
      given: [service(), stray({ name: 'new', createdAt: NOW }), stray({ createdAt: NOW - MINUTE })],
      finds: FOUND,
    },
    { name: 'does not wait where grace is switched off', given: [service(), stray({ createdAt: NOW })], graceScale: 0, finds: FOUND },
    {
      name: 'is not explained by pods that lack the family, which it is of no matter to',
      given: [...dualNodes('b', 'c'), ipv4Node('a'), service(), ipv4Pod('one'), ipv4Pod('two'), stray()],
      finds: FOUND,
    },
    { name: 'says nothing of a family that is not expected', given: [service(), stray()], expected: ['IPv4'], finds: [] },
    { name: 'fires on the one family that is expected', given: [service(), stray()], expected: ['IPv6'], finds: FOUND },
    { name: 'needs neither pods nor nodes', given: [service(), stray()], refused: ['Pod', 'Node', 'ServiceCIDR'], finds: FOUND },
    { name: 'waits for the slices to be listed', given: [service(), stray()], pending: ['EndpointSlice'], finds: [] },
    { name: 'says nothing without the slices', given: [service(), stray()], refused: ['EndpointSlice'], finds: [] },
    { name: 'says nothing without the Services', given: [service(), stray()], refused: ['Service'], finds: [] },
  ],
  [
    {
      of: 'a slice',
      given: [service(), slice(), stray()],
      message: 'Service shop/web is not of IPv6, and the endpointslice controller still keeps web-six',
      summary: 'Delete the slice; the controller makes those that are needed.',
      steps: [DELETE_SLICES],
      commands: ['kubectl delete endpointslice web-six --namespace shop'],
    },
    {
      of: 'a slice beside one of names (FQDN)',
      given: [service(), stray(), stray({ name: 'web-fqdn', addressType: undefined })],
      message: 'Service shop/web is not of IPv6, and the endpointslice controller still keeps web-six',
      summary: 'Delete the slice; the controller makes those that are needed.',
      steps: [DELETE_SLICES],
      commands: ['kubectl delete endpointslice web-six --namespace shop'],
    },
    {
      of: 'several slices, by name',
      given: [
        service(six),
        stray({ name: 'mine', managed: false }),
        slice({ name: 'web-2' }),
        slice({ name: 'web-3' }),
        slice({ name: 'web-1' }),
      ],
      message: 'Service shop/web is not of IPv4, and the endpointslice controller still keeps web-1, web-2, web-3',
      summary: 'Delete the slice; the controller makes those that are needed.',
      steps: ['None: Delete what is left over. The Service has no address of IPv4, so no client of it uses these slices.'],
      commands: ['kubectl delete endpointslice web-1 web-2 web-3 --namespace shop'],
    },
  ],
);
