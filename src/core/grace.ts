/** How long things that are being set up may be incomplete, in milliseconds. */
export interface Grace {
  /** Pods, host-network pods and EndpointSlices. */
  readonly pod: number;
  /** A new node's podCIDRs and addresses. */
  readonly node: number;
  /** The addresses of a new load balancer. */
  readonly loadBalancer: number;
}
