/** Somebody the API server knows by a token. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** A ServiceAccount as a user, with the groups that the API server would give it. */
export function serviceAccount(namespace: string, name: string): User {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
  };
}

/** A kubeconfig (JSON, which is YAML too) for one cluster and one user, with everything inline. */
export function kubeconfigOf(server: string, caPem: string, token: string, namespace = 'default'): string {
  const name = 'control-plane';
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') } }],
      users: [{ name, user: { token } }],
      contexts: [{ name, context: { cluster: name, user: name, namespace } }],
      'current-context': name,
    },
    undefined,
    2,
  );
}

/** The file that `--token-auth-file` reads: token, user, uid and groups a line. */
export function tokenFile(tokens: ReadonlyMap<User, string>): string {
  return [...tokens].map(([user, token]) => `${token},${user.name},${user.name},"${user.groups.join()}"\n`).join('');
}
