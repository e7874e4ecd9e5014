/** The minor version of Kubernetes 1 that a kubelet reports, such as 33 of `v1.33.1+k3s1`; undefined if it cannot be read. */
export function minorOf(kubeletVersion: string): number | undefined {
  const [, minor] = /^v1\.(\d{1,3})\./.exec(kubeletVersion) ?? [];
  return minor === undefined ? undefined : Number(minor);
}
