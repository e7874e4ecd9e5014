import { serviceSingleStack } from '../../../src/core/checks/service-single-stack.ts';
import { apiServer, dualService, node, pod, service, serviceCIDR, slice } from '../build.ts';
import { describeCheck } from './table.ts';

const FOUND = ['Info Service/shop/web IPv6'];

describeCheck(
  serviceSingleStack,
  [
    {
      name: 'fires on a SingleStack Service where Services can be dual (#existing-services-stay-single-stack)',
      given: [serviceCIDR(), service()],
      finds: FOUND,
    },
    {
      name: 'fires on a Service of IPv6 on a cluster whose Services are IPv4 first',
      given: [serviceCIDR(), service({ clusterIPs: ['fd00:10:96::10'] })],
      finds: ['Info Service/shop/web IPv4'],
    },
    {
      name: 'fires on a headless Service with a selector',
      given: [serviceCIDR(), service({ headless: true, clusterIPs: [], ipFamilies: ['IPv4'] })],
      finds: FOUND,
    },
    {
      name: 'fires on the other Services of the namespace default',
      given: [serviceCIDR(), service({ namespace: 'default' })],
      finds: ['Info Service/default/web IPv6'],
    },
    { name: 'fires on LoadBalancers and NodePorts', given: [serviceCIDR(), service({ type: 'LoadBalancer' })], finds: FOUND },
    { name: 'fires on a Service without a selector', given: [serviceCIDR(), service({ selector: {} })], finds: FOUND },
    {
      name: 'fires where some Service proves that Services can be dual (#service-cidr-is-evidence)',
      given: [dualService({ name: 'proof' }), service()],
      refused: ['ServiceCIDR'],
      finds: FOUND,
    },
    {
      name: 'says nothing of a Service that names no family (fact 5)',
      given: [serviceCIDR(), service({ ipFamilies: [] }), service({ name: 'bare', ipFamilies: [], clusterIPs: [] })],
      finds: [],
    },
    { name: 'says nothing on a cluster of one family', given: [serviceCIDR({ cidrs: ['10.96.0.0/16'] }), service()], finds: [] },
    { name: 'says nothing where it cannot be determined what Services can have (fact 5)', given: [service()], finds: [] },
    { name: 'says nothing where the ServiceCIDR is not Ready', given: [serviceCIDR({ ready: false }), service()], finds: [] },
    { name: 'says nothing of default/kubernetes (#api-server-service)', given: [serviceCIDR(), apiServer()], finds: [] },
    {
      name: 'fires on a Service kubernetes of another namespace',
      given: [serviceCIDR(), service({ name: 'kubernetes' })],
      finds: ['Info Service/shop/kubernetes IPv6'],
    },
    {
      name: 'says nothing of a headless Service without a selector (#default-family-policy)',
      given: [serviceCIDR(), service({ headless: true, clusterIPs: [], ipFamilies: ['IPv4'], selector: {} })],
      finds: [],
    },
    {
      name: 'says nothing of an ExternalName Service (#external-name)',
      given: [serviceCIDR(), service({ type: 'ExternalName', clusterIPs: [] })],
      finds: [],
    },
    { name: 'says nothing of a Service that is being deleted', given: [serviceCIDR(), service({ deleting: true })], finds: [] },
    {
      name: 'leaves the other policies to other checks',
      given: [serviceCIDR(), service({ policy: 'PreferDualStack' }), service({ name: 'must', policy: 'RequireDualStack' })],
      finds: [],
    },
    { name: 'says nothing of a family that is not expected', given: [serviceCIDR(), service()], expected: ['IPv4'], finds: [] },
    { name: 'fires on the one family that is expected', given: [serviceCIDR(), service()], expected: ['IPv6'], finds: FOUND },
    {
      name: 'says nothing of an expected family that Services cannot have',
      given: [serviceCIDR({ cidrs: ['10.96.0.0/16'] }), service()],
      expected: ['IPv4', 'IPv6'],
      finds: [],
    },
    { name: 'needs no pods', given: [serviceCIDR(), service()], refused: ['Pod', 'EndpointSlice', 'Node'], finds: FOUND },
    {
      name: 'waits for the ServiceCIDRs to be listed',
      given: [dualService({ name: 'proof' }), service()],
      pending: ['ServiceCIDR'],
      finds: [],
    },
    { name: 'waits for the Services to be listed', given: [serviceCIDR(), service()], pending: ['Service'], finds: [] },
    { name: 'says nothing without the Services', given: [serviceCIDR(), service()], refused: ['Service'], finds: [] },
  ],
  [
    {
      of: 'a Service',
      given: [serviceCIDR(), service()],
      message: 'Service shop/web is SingleStack (IPv4) though Services of this cluster can have IPv6 too',
      summary: 'Set its policy to PreferDualStack; the present clusterIP stays.',
      steps: ['None: Set ipFamilyPolicy: the Service gets an IPv6 address beside the present one.'],
      commands: [`kubectl patch service web --namespace shop --type merge --patch '{"spec":{"ipFamilyPolicy":"PreferDualStack"}}'`],
    },
    {
      of: 'a NodePort Service, whose port opens on the nodes',
      given: [serviceCIDR(), service({ type: 'NodePort' })],
      message: 'Service shop/web is SingleStack (IPv4) though Services of this cluster can have IPv6 too',
      summary: 'Set its policy to PreferDualStack; the present clusterIP stays.',
      steps: [
        'None: Set ipFamilyPolicy: the Service gets an IPv6 address beside the present one. To keep its node port closed there, first close it in the firewall of the nodes, or where kube-proxy runs, set its nodePortAddresses to 0.0.0.0/0,::1/128 (for all Services).',
      ],
      exposes: ['Its node port, on the IPv6 addresses of all nodes.'],
    },
    {
      of: 'a load balancer, whose source ranges do not cover its node port',
      given: [serviceCIDR(), service({ type: 'LoadBalancer', nodePorts: true })],
      message: 'Service shop/web is SingleStack (IPv4) though Services of this cluster can have IPv6 too',
      summary: 'Set its policy to PreferDualStack; the present clusterIP stays.',
      steps: [
        'None: Set ipFamilyPolicy: the Service gets an IPv6 address beside the present one. To keep its node port closed there, first remove it and set allocateLoadBalancerNodePorts to false, if nothing uses it, or close it in the firewall of the nodes, or where kube-proxy runs, set its nodePortAddresses to 0.0.0.0/0,::1/128 (for all Services).',
      ],
      exposes: ['The load balancer over IPv6, and its node port on the IPv6 addresses of all nodes, which source ranges do not cover.'],
    },
    {
      of: 'a Service of a pod whose addresses are redacted',
      given: [serviceCIDR(), service(), node(), pod({ addresses: ['***HIDDEN***'], state: 'Unreadable' })],
      message: 'Service shop/web is SingleStack (IPv4) though Services of this cluster can have IPv6 too',
      summary: 'Set its policy to PreferDualStack, once it has IPv6 endpoints; the present clusterIP stays.',
      steps: [
        'None: First verify that its pods have IPv6 addresses, which are redacted here. Set ipFamilyPolicy: the Service gets an IPv6 address beside the present one.',
      ],
    },
    {
      of: 'a Service none of whose ready pods has the family',
      given: [serviceCIDR(), service(), node(), pod({ addresses: ['10.244.0.5'] }), pod({ name: 'web-2', addresses: ['10.244.0.6'] })],
      message: 'Service shop/web is SingleStack (IPv4) though Services of this cluster can have IPv6 too',
      summary: 'Set its policy to PreferDualStack, once it has IPv6 endpoints; the present clusterIP stays.',
      steps: [
        'None: First give its pods IPv6 addresses: none has one. Set ipFamilyPolicy: the Service gets an IPv6 address beside the present one.',
      ],
    },
    {
      of: 'a Service whose pods are all on Windows nodes',
      given: [serviceCIDR(), service(), node({ windows: true }), pod({ addresses: ['10.244.0.5'] })],
      message: 'Service shop/web is SingleStack (IPv4) though Services of this cluster can have IPv6 too',
      summary: 'Set its policy to PreferDualStack, once it has IPv6 endpoints; the present clusterIP stays.',
      steps: [
        'None: First verify that the network of its Windows nodes can give pods IPv6: overlay networks cannot, so leave the Service as it is there. Set ipFamilyPolicy: the Service gets an IPv6 address beside the present one.',
      ],
    },
    {
      of: 'a Service some of whose pods have the family',
      given: [
        serviceCIDR(),
        service(),
        node(),
        pod({ addresses: ['10.244.0.5'] }),
        pod({ name: 'web-2', addresses: ['10.244.0.6', 'fd00:10:244::6'] }),
      ],
      message: 'Service shop/web is SingleStack (IPv4) though Services of this cluster can have IPv6 too',
      summary: 'Set its policy to PreferDualStack; the present clusterIP stays.',
      steps: ['None: Set ipFamilyPolicy: the Service gets an IPv6 address beside the present one.'],
      commands: [`kubectl patch service web --namespace shop --type merge --patch '{"spec":{"ipFamilyPolicy":"PreferDualStack"}}'`],
    },
    {
      of: 'a Service without a selector, whose endpoints are of the present family',
      given: [serviceCIDR(), service({ selector: {} }), slice({ managed: false, readyTargets: ['10.20.0.9'] })],
      message: 'Service shop/web is SingleStack (IPv4) though Services of this cluster can have IPv6 too',
      summary: 'Set its policy to PreferDualStack, once it has IPv6 endpoints; the present clusterIP stays.',
      steps: [
        'None: First make an EndpointSlice with IPv6 addresses for it: it has no selector, so nobody else does. Set ipFamilyPolicy: the Service gets an IPv6 address beside the present one.',
      ],
    },
    {
      of: 'a Service without a selector, with endpoints of both families',
      given: [
        serviceCIDR(),
        service({ selector: {} }),
        slice({ managed: false, readyTargets: ['10.20.0.9'] }),
        slice({ name: 'web-6', managed: false, addressType: 'IPv6', readyTargets: ['2001:db8::9'] }),
      ],
      message: 'Service shop/web is SingleStack (IPv4) though Services of this cluster can have IPv6 too',
      summary: 'Set its policy to PreferDualStack; the present clusterIP stays.',
      steps: ['None: Set ipFamilyPolicy: the Service gets an IPv6 address beside the present one.'],
      commands: [`kubectl patch service web --namespace shop --type merge --patch '{"spec":{"ipFamilyPolicy":"PreferDualStack"}}'`],
    },
  ],
);
