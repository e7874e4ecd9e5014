import { endpointFamilyForeign } from '../../../src/core/checks/endpoint-family-foreign.ts';
import type { EndpointSliceFacts } from '../../../src/core/kinds/facts.ts';
import { apiServer, dualService, MINUTE, NOW, service, slice, type ServiceSketch, type SliceSketch, node, serviceCIDR } from '../build.ts';
import { describeCheck } from './table.ts';

/** A slice that no controller of pods keeps, with an endpoint of IPv6. */
function byHand(parts: SliceSketch = {}): EndpointSliceFacts {
  return slice({ addressType: 'IPv6', managed: false, readyTargets: ['2001:db8::1'], ...parts });
}

const bare = (parts: ServiceSketch = {}): ReturnType<typeof service> => service({ selector: {}, ...parts });
const COMMAND = 'kubectl get endpointslices --namespace shop --selector kubernetes.io/service-name=web';
const ofAPIServer = byHand({ namespace: 'default', serviceName: 'kubernetes' });

describeCheck(
  endpointFamilyForeign,
  [
    {
      name: 'fires where endpoints made by hand are of the other family',
      given: [bare(), byHand()],
      finds: ['Critical Service/shop/web IPv4'],
    },
    {
      name: 'fires on the API server itself (k/k#106709)',
      given: [apiServer(), ofAPIServer],
      finds: ['Critical Service/default/kubernetes IPv4'],
    },
    { name: 'fires on mirrored slices', given: [bare(), byHand({ name: 'web-mirrored' })], finds: ['Critical Service/shop/web IPv4'] },
    {
      name: 'fires on a headless one, which has no record then',
      given: [bare({ headless: true, clusterIPs: [], ipFamilies: ['IPv4'] }), byHand()],
      finds: ['Critical Service/shop/web IPv4'],
    },
    {
      name: 'is a warning where one of two required families has endpoints',
      given: [dualService({ selector: {}, policy: 'RequireDualStack' }), byHand()],
      finds: ['Warning Service/shop/web IPv4'],
    },
    {
      name: 'is Info where both are only preferred',
      given: [dualService({ selector: {} }), byHand()],
      finds: ['Info Service/shop/web IPv4'],
    },
    {
      name: 'is Info in kube-system, where a provider writes Services for its API servers (eks-extension-metrics-api)',
      given: [
        bare({ namespace: 'kube-system', name: 'eks-extension-metrics-api' }),
        byHand({ namespace: 'kube-system', serviceName: 'eks-extension-metrics-api' }),
      ],
      finds: ['Info Service/kube-system/eks-extension-metrics-api IPv4'],
    },
    {
      name: 'is Critical in kube-system where a Helm release has the Service',
      given: [bare({ namespace: 'kube-system', owner: 'Helm' }), byHand({ namespace: 'kube-system' })],
      finds: ['Critical Service/kube-system/web IPv4'],
    },
    {
      name: 'is Info where a controller that is not of Kubernetes keeps all slices with endpoints',
      given: [bare(), byHand({ foreign: true }), byHand({ name: 'empty', readyTargets: [] })],
      finds: ['Info Service/shop/web IPv4'],
    },
    {
      name: 'is Critical where it keeps one of them',
      given: [bare(), byHand({ foreign: true }), byHand({ name: 'mine' })],
      finds: ['Critical Service/shop/web IPv4'],
    },
    {
      name: 'says nothing of a headless Service of both with endpoints of one (the kubelet Service of Prometheus Operator)',
      given: [dualService({ selector: {}, headless: true, policy: 'RequireDualStack' }), byHand()],
      finds: [],
    },
    {
      name: 'says nothing where there is one of its family',
      given: [bare(), byHand(), byHand({ name: 'more', addressType: 'IPv4' })],
      finds: [],
    },
    { name: 'says nothing of a Service without endpoints', given: [bare()], finds: [] },
    { name: 'says nothing of empty slices', given: [bare(), byHand({ readyTargets: [] })], finds: [] },
    {
      name: 'says nothing of one of its families that is not expected',
      given: [dualService({ selector: {} }), byHand()],
      expected: ['IPv6'],
      finds: [],
    },
    {
      name: 'counts endpoints that are terminating and still serve',
      given: [bare(), byHand(), slice({ servingTerminating: true })],
      finds: [],
    },
    {
      name: 'says nothing where some endpoints are names',
      given: [bare(), byHand(), byHand({ name: 'names', addressType: undefined })],
      finds: [],
    },
    { name: 'leaves Services with a selector to EndpointFamilyMissing', given: [service(), byHand()], finds: [] },
    { name: 'says nothing of an ExternalName Service', given: [bare({ type: 'ExternalName' }), byHand()], finds: [] },
    { name: 'says nothing of a Service that is being deleted', given: [bare({ deleting: true }), byHand()], finds: [] },
    { name: 'gives new slices a minute', given: [bare(), byHand({ createdAt: NOW - MINUTE + 1 })], finds: [] },
    { name: 'gives a Service that was just changed a minute', given: [bare({ changedAt: NOW - MINUTE + 1 }), byHand()], finds: [] },
    { name: 'counts whatever is expected', given: [bare(), byHand()], expected: ['IPv6'], finds: ['Critical Service/shop/web IPv4'] },
    { name: 'needs no pods', given: [bare(), byHand()], refused: ['Pod', 'Node'], finds: ['Critical Service/shop/web IPv4'] },
    { name: 'says nothing without the slices', given: [bare()], refused: ['EndpointSlice'], finds: [] },
  ],
  [
    {
      of: 'a Service',
      given: [bare(), byHand()],
      message: 'Service shop/web has ready endpoints of IPv6 only and no IPv4 one: it answers nobody over IPv4',
      summary: 'Write EndpointSlices with IPv4 addresses for it, or create it with the family IPv6.',
      steps: ['None: See which pods the EndpointSlices of the Service have, by family.'],
      commands: [COMMAND],
    },
    {
      of: 'a Service of EKS, whose range of Services has one family',
      given: [serviceCIDR({ cidrs: ['10.96.0.0/16'] }), node({ platformHint: 'EKS: the label a' }), bare(), byHand()],
      message: 'Service shop/web has ready endpoints of IPv6 only and no IPv4 one: it answers nobody over IPv4',
      summary: 'Write EndpointSlices with IPv4 addresses for it.',
      steps: ['None: See which pods the EndpointSlices of the Service have, by family.'],
      commands: [COMMAND],
    },
    {
      of: 'a Service that a provider may have written for its API servers',
      given: [bare({ namespace: 'kube-system' }), byHand({ namespace: 'kube-system' })],
      message:
        'Service kube-system/web has ready endpoints of IPv6 only and no IPv4 one: pods get no answer from it, which is no fault if only the API servers use it',
      summary:
        'Nothing, if only the API servers use the Service, as one that the provider runs; otherwise ask whoever writes its endpoints.',
      steps: ['None: See which pods the EndpointSlices of the Service have, by family.'],
      commands: ['kubectl get endpointslices --namespace kube-system --selector kubernetes.io/service-name=web'],
    },
    {
      of: 'a Service whose endpoints a mesh writes',
      given: [bare(), byHand({ foreign: true })],
      message:
        'Service shop/web has ready endpoints of IPv6 only and no IPv4 one: it answers nobody, unless the controller that writes these endpoints serves them itself',
      summary: 'Nothing, if that controller serves the endpoints by a proxy of its own; otherwise have it write endpoints of the family.',
      steps: ['None: See which pods the EndpointSlices of the Service have, by family.'],
      commands: [COMMAND],
    },
    {
      of: 'a headless Service',
      given: [bare({ headless: true, clusterIPs: [], ipFamilies: ['IPv4'] }), byHand()],
      message: 'Service shop/web has ready endpoints of IPv6 only and no IPv4 one: it has no DNS record',
      summary: 'Write EndpointSlices with IPv4 addresses for it, or create it with the family IPv6.',
      steps: ['None: See which pods the EndpointSlices of the Service have, by family.'],
      commands: [COMMAND],
    },
    {
      of: 'the API server',
      given: [apiServer(), ofAPIServer],
      message: 'Service default/kubernetes has ready endpoints of IPv6 only and no IPv4 one: it answers nobody over IPv4',
      summary:
        'Have the API servers advertise an IPv4 address (--advertise-address), or put the family IPv6 first in their --service-cluster-ip-range.',
      steps: ['None: See which pods the EndpointSlices of the Service have, by family.'],
      commands: ['kubectl get endpointslices --namespace default --selector kubernetes.io/service-name=kubernetes'],
    },
  ],
);
