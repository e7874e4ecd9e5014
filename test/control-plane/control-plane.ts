import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { waitFor } from '../support/waiting.ts';
import { ensureBuilt, STAGES, type BuildOptions, type Program } from './build.ts';
import {
  apiServerFlags,
  auditPolicy,
  controllerManagerFlags,
  etcdFlags,
  filesIn,
  KWOK_CONFIGURATION,
  kwokFlags,
  schedulerFlags,
  type Settings,
} from './flags.ts';
import { kubeconfigOf, tokenFile, type User } from './kubeconfig.ts';
import { runKubectl } from './kubectl.ts';
import { freePorts } from './ports.ts';
import { Processes } from './processes.ts';
import { rangesOf, type Stack } from './stacks.ts';

/** What a restart can change. */
export interface Configuration {
  /** Sets both ranges; `dual` by default. */
  readonly stack?: Stack;
  /** CIDRs of Services, one or two with a comma between; goes before `stack`. */
  readonly serviceRange?: string;
  /** CIDRs of pods, one or two with a comma between; goes before `stack`. */
  readonly podRange?: string;
  /** Feature gates of the API server. */
  readonly featureGates?: Readonly<Record<string, boolean>>;
}

export interface ControlPlaneOptions extends Configuration {
  /** Whether the controller manager runs; true by default. */
  readonly controllerManager?: boolean;
  /** Controllers beside the default ones, such as `node-lifecycle-controller`. */
  readonly extraControllers?: readonly string[];
  /** Whether the scheduler runs; true by default. */
  readonly scheduler?: boolean;
  /** Whether kwok plays the kubelets; true by default. */
  readonly kwok?: boolean;
  /** Users beside the admin, each with a kubeconfig of its own. */
  readonly users?: readonly User[];
  /** Whether the API server writes the file `auditLog`, one JSON line a request; or the names of the users of whose requests it does. */
  readonly audit?: boolean | readonly string[];
  /** Whether pods need their ServiceAccount, and get its token; false by default. */
  readonly serviceAccountAdmission?: boolean;
  /** Flags of the API server that go after the others. */
  readonly apiServerFlags?: readonly string[];
  /** The largest size of etcd's data in bytes; 2 GiB by default. */
  readonly etcdQuotaBytes?: number;
  /** Variables of the processes beside PATH and HOME, such as GOMEMLIMIT. */
  readonly environment?: Readonly<Record<string, string>>;
  /** How long a program may take until it is ready, in milliseconds; a minute by default. */
  readonly startDeadlineMs?: number;
  readonly build?: BuildOptions;
}

const ADMIN: User = { name: 'admin', groups: ['system:masters'] };
const TRIES = 5;
const START_MS = 60_000;
const REQUEST_MS = 15_000;

/**
 * Starts a Kubernetes control plane on 127.0.0.1: etcd, API server, controller manager, scheduler, and kwok in place of the kubelets. It is
 * built first if it never was. Several can run at once. It ends with `stop`, or with this process, however that ends.
 *
 * @returns once the API server is ready, and the default namespace, its ServiceAccount and the ServiceCIDR `kubernetes` exist
 * @throws Error that names the process at fault, how it ended, and the end of its log
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const binaries = await ensureBuilt(options.build);
  for (let tries = 1; ; tries++) {
    const ports = await freePorts('api', 'etcd', 'etcdPeer');
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'dualstack-control-plane-'));
    const controlPlane = new ControlPlane(binaries, folder, ports, options);
    try {
      await controlPlane.start();
      return controlPlane;
    } catch (error) {
      await controlPlane.stop();
      if (tries === TRIES || !String(error).includes('address already in use')) throw error;
    }
  }
}

/** A running control plane. `startControlPlane` makes them. */
export class ControlPlane {
  /** The folder of everything that it writes; removed by `stop`. */
  readonly dir: string;
  /** URL of the API server. */
  readonly server: string;
  /** URL of etcd. */
  readonly etcd: string;
  /** PEM file of the authority that signed the API server's certificate. */
  readonly caFile: string;
  /** Folder of the programs, kubectl among them: what a user would have in PATH. */
  readonly binaries: string;
  /** Path of the admin's kubeconfig. */
  readonly kubeconfig: string;
  /** The admin's bearer token. */
  readonly token: string;
  /** Path of the audit log, which exists with the option `audit`. */
  readonly auditLog: string;
  readonly #options: ControlPlaneOptions;
  readonly #tokens: ReadonlyMap<User, string>;
  readonly #processes: Processes<Program>;
  #settings: Settings;
  #ca = '';
  #restarted = false;

  constructor(binaries: string, folder: string, ports: Settings['ports'], options: ControlPlaneOptions) {
    this.binaries = binaries;
    this.#options = options;
    this.#tokens = new Map([ADMIN, ...(options.users ?? [])].map((user) => [user, randomBytes(16).toString('hex')]));
    this.dir = folder;
    this.server = `https://127.0.0.1:${ports.api}`;
    this.etcd = `http://127.0.0.1:${ports.etcd}`;
    this.caFile = join(folder, 'ca.crt');
    this.kubeconfig = this.kubeconfigFor(ADMIN.name);
    this.token = this.#tokens.get(ADMIN) ?? '';
    this.auditLog = filesIn(folder).auditLog;
    this.#processes = new Processes(binaries, folder, options.environment);
    this.#settings = {
      folder,
      ports,
      ...rangesOf('dual'),
      featureGates: {},
      adminKubeconfig: this.kubeconfig,
      extraControllers: options.extraControllers ?? [],
      apiServerFlags: options.apiServerFlags ?? [],
      auditLog: Boolean(options.audit),
      serviceAccountAdmission: options.serviceAccountAdmission ?? false,
    };
    this.#configure(options);
  }

  /** Whether the API server was restarted, and with it perhaps other ranges, features or data came. */
  get wasRestarted(): boolean {
    return this.#restarted;
  }

  /** Called once, by `startControlPlane`. */
  async start(): Promise<void> {
    this.#writeFiles();
    await this.#startEtcd();
    await this.#startApiServer();

    const { controllerManager = true, scheduler = true, kwok = true } = this.#options;
    if (controllerManager) this.#processes.start('kube-controller-manager', controllerManagerFlags(this.#settings));
    if (scheduler) this.#processes.start('kube-scheduler', schedulerFlags(this.#settings));
    if (kwok) this.#processes.start('kwok', kwokFlags(this.#settings, this.#stages()));
    if (controllerManager) {
      await this.#until('kube-controller-manager', () => this.get('/api/v1/namespaces/default/serviceaccounts/default'));
    }
    // From a cold disk a program may take longer to load than the controller manager to work.
    if (scheduler) await this.#until('kube-scheduler', () => this.#processes.isRunning('kube-scheduler'));
    if (kwok) await this.#until('kwok', () => this.#processes.isRunning('kwok'));
  }

  /**
   * Runs kubectl as the admin.
   *
   * @param options.input what it reads from stdin
   * @returns what it wrote to stdout
   * @throws KubectlError with its stderr; Error when a process of the control plane has ended by itself
   */
  async kubectl(args: readonly string[], options: { readonly input?: string } = {}): Promise<string> {
    this.#requireAll();
    const env = { ...this.#processes.environment(), KUBECONFIG: this.kubeconfig };
    return runKubectl(join(this.binaries, 'kubectl'), args, env, options.input);
  }

  /**
   * Applies objects server-side, as the admin, taking fields over from other managers.
   * Server-side apply refuses a node with two addresses of one type: `create` takes it.
   *
   * @param objects YAML documents, or the objects themselves
   */
  async apply(objects: string | readonly object[]): Promise<void> {
    await this.kubectl(['apply', '--server-side', '--force-conflicts', '--filename=-'], { input: asInput(objects) });
  }

  /**
   * Creates objects, as the admin. Nodes keep the status given. Among a node's addresses there must be one of type Hostname:
   * kwok drops them all otherwise.
   *
   * @param objects YAML documents, or the objects themselves
   */
  async create(objects: string | readonly object[]): Promise<void> {
    await this.kubectl(['create', '--filename=-'], { input: asInput(objects) });
  }

  /**
   * Reads from the API server as the admin, much cheaper than kubectl does.
   *
   * @param path such as `/api/v1/nodes`
   * @returns the parsed JSON
   * @throws Error when the answer is not 200, or when a process of the control plane has ended by itself
   */
  async get(path: string): Promise<unknown> {
    this.#requireAll();
    return JSON.parse(await this.#read(path));
  }

  /** The path of the kubeconfig of the admin or of one of the option `users`. */
  kubeconfigFor(user: string): string {
    if (![...this.#tokens.keys()].some(({ name }) => name === user)) {
      throw new Error(`${user} is not among the users that the control plane was started with`);
    }
    return join(this.dir, `${user.replaceAll(':', '_')}.kubeconfig`);
  }

  /**
   * Restarts the API server on the same data, port and certificate, and the controller manager with it where the ranges changed.
   * What `change` does not name stays as it was.
   *
   * @param whileDown called while the API server does not run
   * @returns once the API server is ready; the ServiceCIDR `kubernetes` follows within seconds
   */
  async restartApiServer(change: Configuration = {}, whileDown?: () => Promise<void>): Promise<void> {
    this.#restarted = true;
    const { serviceRange, podRange } = this.#settings;
    this.#configure(change);
    await this.#processes.end('kube-apiserver');
    await whileDown?.();
    await this.#startApiServer();
    const changed = serviceRange !== this.#settings.serviceRange || podRange !== this.#settings.podRange;
    if (!changed || this.#options.controllerManager === false) return;
    await this.#processes.end('kube-controller-manager');
    this.#processes.start('kube-controller-manager', controllerManagerFlags(this.#settings));
  }

  /**
   * Keeps etcd's data as they are now, for `restoreEtcd`. etcd and the API server are restarted for it.
   *
   * @returns the folder of the copy
   */
  async backUpEtcd(): Promise<string> {
    const data = filesIn(this.dir).etcd;
    const backup = mkdtempSync(`${data}-backup-`);
    await this.#restartEtcd(() => cp(data, backup, { recursive: true }));
    return backup;
  }

  /**
   * Takes etcd's data back to what they were, and resourceVersions with them; the API server is restarted, as it has to be then. Controllers
   * and kwok are not, and wait for resourceVersions that are still to come: better run none.
   *
   * @param backup what `backUpEtcd` returned
   */
  async restoreEtcd(backup: string): Promise<void> {
    const data = filesIn(this.dir).etcd;
    await this.#restartEtcd(async () => {
      await rm(data, { recursive: true });
      await cp(backup, data, { recursive: true });
    });
  }

  /** Kills everything and removes the folder. May be called more than once. */
  async stop(): Promise<void> {
    await this.#processes.close();
  }

  /** The last `lines` lines of a program's log. */
  logTail(program: Program, lines?: number): string {
    return this.#processes.logTail(program, lines);
  }

  /** The ids of the running processes, the one that watches over them included. */
  processIds(): readonly number[] {
    return this.#processes.ids();
  }

  #configure({ stack, serviceRange, podRange, featureGates }: Configuration): void {
    const ranges = { ...(stack && rangesOf(stack)), ...(serviceRange && { serviceRange }), ...(podRange && { podRange }) };
    this.#settings = { ...this.#settings, ...ranges, ...(featureGates && { featureGates }) };
  }

  #writeFiles(): void {
    const files = filesIn(this.dir);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(files.serviceAccountKey, privateKey.export({ type: 'sec1', format: 'pem' }));
    writeFileSync(files.tokens, tokenFile(this.#tokens));
    const { audit } = this.#options;
    writeFileSync(files.auditPolicy, JSON.stringify(auditPolicy(typeof audit === 'object' ? audit : undefined)));
    writeFileSync(files.kwok, JSON.stringify(KWOK_CONFIGURATION));
  }

  async #startEtcd(): Promise<void> {
    this.#processes.start('etcd', etcdFlags(this.#settings, this.#options.etcdQuotaBytes ?? 2 * 1024 ** 3));
    await this.#until('etcd', () => canConnect(this.#settings.ports.etcd));
  }

  /** @param whileDown called while neither etcd nor the API server runs */
  async #restartEtcd(whileDown: () => Promise<void>): Promise<void> {
    await this.restartApiServer({}, async () => {
      await this.#processes.end('etcd');
      await whileDown();
      await this.#startEtcd();
    });
  }

  async #startApiServer(): Promise<void> {
    this.#processes.start('kube-apiserver', apiServerFlags(this.#settings));
    // The API server signs itself a certificate when it has none; the key is written last.
    const { certificate, certificateKey } = filesIn(this.dir);
    await this.#until('kube-apiserver', () => existsSync(certificateKey));
    if (this.#ca === '') this.#trust(readFileSync(certificate, 'utf8'));
    await this.#until('kube-apiserver', async () => {
      await this.#read('/readyz');
      await this.#read('/api/v1/namespaces/default');
      return this.#read('/apis/networking.k8s.io/v1/servicecidrs/kubernetes');
    });
  }

  /** Takes the authority from the certificate chain, where it comes last, and writes what clients need. */
  #trust(chain: string): void {
    this.#ca = chain.slice(chain.lastIndexOf('-----BEGIN'));
    writeFileSync(this.caFile, this.#ca);
    for (const [{ name }, token] of this.#tokens) {
      writeFileSync(this.kubeconfigFor(name), kubeconfigOf(this.server, this.#ca, token), { mode: 0o600 });
    }
  }

  #stages(): readonly string[] {
    const folder = join(this.binaries, STAGES);
    return readdirSync(folder).map((name) => join(folder, name));
  }

  async #read(path: string): Promise<string> {
    const headers = { authorization: `Bearer ${this.token}` };
    const request = get(this.server + path, { ca: this.#ca, agent: false, headers, signal: AbortSignal.timeout(REQUEST_MS) });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const body = await text(response);
    if (response.statusCode === 200) return body;
    throw new Error(`GET ${path}: ${response.statusCode ?? 'no status'} ${body}`);
  }

  /** Waits for a program to get somewhere, and fails at once if it ends instead. */
  async #until(program: Program, condition: () => unknown): Promise<void> {
    const attempt = async (): Promise<{ readonly failure?: string } | undefined> => {
      const failure = this.#processes.failure(program);
      if (failure !== undefined) return { failure };
      return (await condition()) ? {} : undefined;
    };
    const patience = { deadlineMs: this.#options.startDeadlineMs ?? START_MS, everyMs: 50 };
    const { failure } = await waitFor(`${program} to be ready`, attempt, patience).catch((error: unknown) => {
      throw new Error(`${String(error)}\nThe end of its log:\n${this.logTail(program)}`, { cause: error });
    });
    if (failure !== undefined) throw new Error(failure);
  }

  #requireAll(): void {
    const failure = this.#processes.failure();
    if (failure !== undefined) throw new Error(failure);
  }
}

function asInput(objects: string | readonly object[]): string {
  return typeof objects === 'string' ? objects : JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
}

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } finally {
    socket.destroy();
  }
}
