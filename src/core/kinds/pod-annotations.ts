import { DUAL_IPV4_FIRST, familiesOfAddresses, listOf, NO_FAMILY, type FamilyList } from '../net/addresses.ts';
import { fields, items, text } from './shapes.ts';
import type { Shape } from './shapes.ts';

const UTF8 = new TextDecoder();

const IP_FAMILIES = 'cni.projectcalico.org/ipFamilies';
const FIXED_ADDRESSES = ['cni.projectcalico.org/ipAddrs', 'cni.projectcalico.org/ipAddrsNoIpam'];
const DEFAULT_NETWORK = 'v1.multus-cni.io/default-network';
const SUBNET = 'ovn.kubernetes.io/logical_switch';
const SUBNET_FAMILY = 'ovn.kubernetes.io/ip_family';
const ANTREA_POOLS = 'ipam.antrea.io/ippools';
const CALICO_GAVE = 'cni.projectcalico.org/podIPs';
const OVN_GAVE = 'k8s.ovn.org/pod-networks';
const KUBE_OVN_GAVE = 'ovn.kubernetes.io/ip_address';
const MULTUS_GAVE = 'k8s.v1.cni.cncf.io/network-status';

const ANTREA_FAMILIES = listOf(['IPv4']);

/** More is no annotation of one of these. */
const LONGEST = 65_536;

/** The value of an annotation, which is bytes where an object came as protobuf; empty where it is not there. */
function valueOf(annotations: Shape, key: string): string {
  const value = annotations[key];
  if (value instanceof Uint8Array) return value.length > LONGEST ? '' : UTF8.decode(value);
  const read = text(value);
  return read.length > LONGEST ? '' : read;
}

/** The value of an annotation of JSON; undefined where it is none. */
function jsonOf(annotations: Shape, key: string): unknown {
  const value = valueOf(annotations, key);
  if (value === '') return undefined;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return undefined;
  }
}

function textsOf(value: unknown): string[] {
  return items(value).map(text);
}

/** The families that annotations ask Calico or Antrea for, of a pod or on behalf of all pods of a namespace. */
export function declaredFamilies(annotations: Shape): FamilyList {
  if (IP_FAMILIES in annotations) return listOf(textsOf(jsonOf(annotations, IP_FAMILIES)));
  // AntreaIPAM gives IPv4 only, from whichever pool. A pod of a StatefulSet keeps its address.
  return valueOf(annotations, ANTREA_POOLS).trim() === '' ? NO_FAMILY : ANTREA_FAMILIES;
}

/** The family that a pod asks Kube-OVN for, of a subnet with both. */
function familyOfSubnet(annotations: Shape): FamilyList {
  const requested = valueOf(annotations, SUBNET_FAMILY).toLowerCase();
  return listOf(DUAL_IPV4_FIRST.filter((family) => family.toLowerCase() === requested));
}

/** The same of a pod, which may name its addresses too. */
export function declaredByPod(annotations: Shape): FamilyList {
  if (SUBNET_FAMILY in annotations) return familyOfSubnet(annotations);
  // Most pods have none of these: no lists are made for them.
  if (FIXED_ADDRESSES.every((key) => !(key in annotations)))
    return IP_FAMILIES in annotations || ANTREA_POOLS in annotations ? declaredFamilies(annotations) : NO_FAMILY;
  const fixed = FIXED_ADDRESSES.flatMap((key) => textsOf(jsonOf(annotations, key)));
  return fixed.length > 0 ? familiesOfAddresses(fixed) : declaredFamilies(annotations);
}

/** Whether Multus takes a pod's first network from somewhere else. */
export function hasOtherNetwork(annotations: Shape): boolean {
  return valueOf(annotations, DEFAULT_NETWORK) !== '';
}

/** The subnet that Kube-OVN has a pod in, which it writes to each of its pods. */
export function subnetOf(annotations: Shape): string {
  return valueOf(annotations, SUBNET);
}

/** The families that the CNI plugin says it gave a pod; none where it says nothing. */
export function pluginFamilies(annotations: Shape): FamilyList {
  for (const [key, addressesIn] of GAVE) {
    if (!(key in annotations)) continue;
    const families = familiesOfAddresses(addressesIn(annotations).map((address) => address.replace(/\/\d+$/, '')));
    if (families !== NO_FAMILY) return families;
  }
  return NO_FAMILY;
}

/** Where a CNI plugin says which addresses it gave a pod. */
const GAVE: readonly (readonly [key: string, addressesIn: (annotations: Shape) => string[]])[] = [
  [CALICO_GAVE, (annotations) => listedIn(annotations, CALICO_GAVE)],
  [OVN_GAVE, ovnAddresses],
  [KUBE_OVN_GAVE, (annotations) => listedIn(annotations, KUBE_OVN_GAVE)],
  [MULTUS_GAVE, multusAddresses],
];

function listedIn(annotations: Shape, key: string): string[] {
  const value = valueOf(annotations, key);
  return value === '' ? [] : value.split(',');
}

function ovnAddresses(annotations: Shape): string[] {
  return textsOf(fields(fields(jsonOf(annotations, OVN_GAVE))['default'])['ip_addresses']);
}

function multusAddresses(annotations: Shape): string[] {
  const first = items(jsonOf(annotations, MULTUS_GAVE)).find((network) => fields(network)['default'] === true);
  return textsOf(fields(first)['ips']);
}
