import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import type { User } from '@kubernetes/client-node';
import { parseDocument } from 'yaml';
import { fields, items, text } from './wire/shapes.ts';

/** Which API server to talk to, and as whom, cannot be told. The message names what is wrong and the mend. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** What a program must be told by an exec plugin's caller, and client-node does not tell. */
const EXEC_INFO = 'KUBERNETES_EXEC_INFO';

/**
 * Reads kubeconfig files; of clusters, users and contexts that several define, the first counts, as for kubectl.
 * Paths within a file are relative to it.
 * @throws ConfigurationError where a file cannot be read or is no kubeconfig
 */
export function readKubeConfigs(files: readonly string[]): KubeConfig {
  const merged = new KubeConfig();
  for (const file of files) {
    const one = readKubeConfig(file);
    merged.clusters.push(...one.clusters.filter(({ name }) => merged.clusters.every((known) => known.name !== name)));
    merged.users.push(...one.users.filter(({ name }) => merged.users.every((known) => known.name !== name)));
    merged.contexts.push(...one.contexts.filter(({ name }) => merged.contexts.every((known) => known.name !== name)));
    if (!merged.currentContext) merged.setCurrentContext(one.currentContext);
  }
  return merged;
}

function readKubeConfig(file: string): KubeConfig {
  const document = parseDocument(readText(file));
  const [error] = document.errors;
  // The parser's own message quotes lines of the file, which may hold a token.
  if (error) throw new ConfigurationError(`the kubeconfig ${file} is not YAML: ${firstSentence(error.message)}`);
  const content: unknown = document.toJS();
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigurationError(`the kubeconfig ${file} is empty or not a map; see \`kubectl config view\` for what one looks like`);
  }
  const config = new KubeConfig();
  try {
    config.loadFromString(JSON.stringify(content));
  } catch (error) {
    throw new ConfigurationError(`the kubeconfig ${file} is incomplete: ${error instanceof Error ? error.message : String(error)}`);
  }
  config.makePathsAbsolute(dirname(resolve(file)));
  config.users = config.users.map((user) => completed(user, settingsOf(user.name, content), dirname(resolve(file))));
  return config;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = fields(error)['code'];
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${text(code) || String(error)})`;
    throw new ConfigurationError(`the kubeconfig ${file} ${why}; name another with --kubeconfig or KUBECONFIG`);
  }
}

function firstSentence(message: string): string {
  return message.split('\n', 1)[0]?.replace(/:$/, '') ?? message;
}

function settingsOf(name: string, content: unknown): Readonly<Record<string, unknown>> {
  const entry = items(fields(content)['users']).find((user) => fields(user)['name'] === name);
  return fields(fields(entry)['user']);
}

/**
 * client-node passes over `tokenFile`, which is read again and again as it rotates, and tells exec plugins
 * nothing of the caller, which some of them insist on.
 */
function completed(user: User, settings: Readonly<Record<string, unknown>>, folder: string): User {
  const tokenFile = text(settings['tokenFile']);
  if (tokenFile !== '') {
    // An empty token lets the file's through, as the file has precedence.
    return { ...user, token: '', authProvider: { name: 'tokenFile', config: { tokenFile: resolve(folder, tokenFile) } } };
  }
  const exec = fields(settings['exec']);
  const env = items(exec['env']);
  if (settings['exec'] === undefined || env.some((variable) => fields(variable)['name'] === EXEC_INFO)) return user;
  const info = { apiVersion: exec['apiVersion'], kind: 'ExecCredential', spec: { interactive: false } };
  return { ...user, exec: { ...exec, env: [...env, { name: EXEC_INFO, value: JSON.stringify(info) }] } };
}
