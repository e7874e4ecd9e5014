import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import type { User } from '@kubernetes/client-node';
import { parseDocument } from 'yaml';
import { fields, items, text } from '../../core/kinds/shapes.ts';

/** Which API server to talk to, and as whom, cannot be determined. The message names what is wrong and the fix. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** What an exec plugin expects from its caller, and client-node does not pass. */
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
  const content = contentOf(file);
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigurationError(`the kubeconfig ${file} is empty or not a map; see \`kubectl config view\` for what one looks like`);
  }
  try {
    return configOf(content, dirname(resolve(file)));
  } catch (error) {
    throw new ConfigurationError(
      `the kubeconfig ${file} is incomplete: ${firstSentence(error instanceof Error ? error.message : String(error))}`,
    );
  }
}

/** What a file says, as YAML or JSON. */
function contentOf(file: string): unknown {
  const text = readText(file);
  try {
    const document = parseDocument(text);
    const [error] = document.errors;
    if (error) throw error;
    return document.toJS();
  } catch (error) {
    // The parser's own message quotes lines of the file, which may hold a token. Of aliases and of depth it complains otherwise.
    throw new ConfigurationError(
      `the kubeconfig ${file} is not YAML: ${firstSentence(error instanceof Error ? error.message : String(error))}`,
    );
  }
}

/** client-node takes what is of the wrong type, and fails of it sooner or later. */
function configOf(content: object, folder: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(JSON.stringify(content));
  config.makePathsAbsolute(folder);
  config.users = config.users.map((user) => completed(user, settingsOf(user.name, content), folder));
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
 * client-node passes over `tokenFile`, which is read again and again as it rotates, and passes to exec plugins
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
