/** The steps by which a node is registered again, in the words of several checks. */
export const DRAIN =
  'RecreatesNode: Note the labels, annotations and taints of the node: its new Node object has only those that its kubelet and its platform set, and until you set a taint again, any pod may start there. Then drain the node and delete its Node object. That evicts its pods, which start on other nodes, and loses their emptyDir volumes.';
export const RESTART_MACHINE =
  'RestartsPods: Restart the machine, so that its kubelet registers it with new podCIDRs. A pod that outlives its Node object, such as one of a DaemonSet, keeps an address that another node may be given: restarting the kubelet alone is not enough.';
/** What that exposes. */
export const NEW_PODS =
  'The new pods, at their IPv6 addresses. NetworkPolicies with ipBlocks of only the other family do not cover these addresses.';
export const REPLACE_NODES =
  'RecreatesNode: For one node after the other: note its labels, annotations and taints, drain it, delete its Node object, and restart the machine. That evicts its pods, which start on other nodes, and loses their emptyDir volumes.';
