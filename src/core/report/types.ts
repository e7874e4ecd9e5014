// Generated from crds/dualstackreports.yaml by npm run generate: change that file and run it again.

/** What the operator reads of a report's metadata. */
export interface ReportMetadata {
  readonly name: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
}

/** Asks whether the cluster, or some of its namespaces, is really dual-stack, and holds the answer. */
export interface DualStackReport {
  /** The version of this schema, dualstack.dev/v1alpha1. */
  readonly apiVersion: 'dualstack.dev/v1alpha1';
  /** Always DualStackReport. */
  readonly kind: 'DualStackReport';
  readonly metadata: ReportMetadata;
  /** The question. An empty spec asks for the whole cluster and detects which families to expect. */
  readonly spec?: DualStackReportSpec;
  /** The answer, written by the operator. */
  readonly status?: DualStackReportStatus;
}

/** The answer, written by the operator. */
export interface DualStackReportStatus {
  /** The generation of the spec that this status answers. */
  readonly observedGeneration?: number;
  /** Rises with each operator that takes over the writing, so that one that was paused cannot overwrite a later verdict. */
  readonly writerEpoch?: number;
  /** When the cluster was last evaluated for this report; refreshed at least every five minutes. */
  readonly lastEvaluationTime?: string;
  /**
   * Ready, Healthy, NodesHealthy, PodsHealthy and ServicesHealthy; SpecValid, which is False where the spec names what does not exist; and Stalled where the spec cannot be met.
   *
   * @maxItems 16
   *
   * Items: One condition, as in the Kubernetes API conventions.
   */
  readonly conditions?: readonly Condition[];
  /** Which cluster this is, and what it runs on as far as its objects show. */
  readonly cluster?: ReportedCluster;
  /**
   * What the operator reads, and whether it can; absent until all of it has been listed once.
   *
   * @maxItems 256
   *
   * Items: One source.
   */
  readonly sources?: readonly ReportedSource[];
  /** Which families each layer of the cluster has, and how that is known. */
  readonly stack?: ReportedStack;
  /** How far the cluster is on the way to both families; absent where nothing says that it is to have both. */
  readonly migration?: Migration;
  /** Nodes by the families that both their addresses and, where the cluster uses them, their podCIDRs have. */
  readonly nodes?: FamilyCounts;
  /** Running pods of the pod network by the families of their addresses. */
  readonly pods?: FamilyCounts;
  /** Services by their ipFamilies. */
  readonly services?: FamilyCounts;
  /** Ready targets of dual-stack Services with a selector, by the families in which their EndpointSlices hold them. */
  readonly endpoints?: FamilyCounts;
  /** Exact counts of all findings, listed or not. */
  readonly summary?: FindingSummary;
  /**
   * The worst first, causes before their effects, at most spec.maxFindings and as many as fit.
   *
   * @maxItems 1000
   *
   * Items: One thing that is not dual-stack and should be.
   */
  readonly findings?: readonly ListedFinding[];
  /** How many more findings there are than the list holds. */
  readonly findingsOmitted?: number;
  /**
   * The namespaces with the most findings, the worst first.
   *
   * @maxItems 10
   *
   * Items: One namespace.
   */
  readonly namespaces?: readonly NamespaceFindings[];
}

/** One namespace. */
export interface NamespaceFindings {
  /** Its name. */
  readonly name: string;
  /** Critical findings in it. */
  readonly critical: number;
  /** Warnings in it. */
  readonly warning: number;
  /** Info findings in it. */
  readonly info: number;
}

/** One thing that is not dual-stack and should be. */
export interface ListedFinding {
  /** Identifies the finding by its check, object and families, from one evaluation to the next and from one report to another. It does not change with the cause, the severity or the wording. */
  readonly id: string;
  /** The name of the check that found it. */
  readonly check: string;
  /** How bad it is. */
  readonly severity: FindingSeverity;
  /** What it was found on. */
  readonly object: FindingObject;
  /**
   * The families it is about.
   *
   * @maxItems 2
   */
  readonly families: readonly IPFamily[];
  /** What is wrong. */
  readonly message: string;
  /** How to fix it. */
  readonly remediation: Remediation;
  /** When this report first listed it. */
  readonly since: string;
  /** The finding that explains this one. */
  readonly causedBy?: FindingCause;
  /**
   * What this finding takes its families from.
   *
   * @maxItems 8
   *
   * Items: Objects of one kind.
   */
  readonly affects?: readonly AffectedObjects[];
}

/** Objects of one kind. */
export interface AffectedObjects {
  /** The API group of the kind; absent for the core group. */
  readonly group?: string;
  /** Their kind. */
  readonly kind: string;
  /** How many they are. */
  readonly count: number;
  /**
   * A few of their names, with their namespace.
   *
   * @maxItems 3
   */
  readonly examples?: readonly string[];
}

/** The finding that explains this one. */
export interface FindingCause {
  /** Its id, whether it is listed or not. */
  readonly id: string;
  /** The name of its check. */
  readonly check: string;
  /** What it was found on. */
  readonly object: FindingObject;
}

/** How to fix it. */
export interface Remediation {
  /** What to do, in one sentence. */
  readonly summary: string;
  /**
   * What to do, one step after the other.
   *
   * @maxItems 8
   *
   * Items: One step.
   */
  readonly steps: readonly RemediationStep[];
}

/** One step. */
export interface RemediationStep {
  /** What to do, and what it restarts or loses. */
  readonly description: string;
  /** The command that does it, where one does. */
  readonly command?: string;
  /** The change as a JSON merge patch of the finding's object, where it is one. */
  readonly patch?: string;
  /** The worst that the step does to what runs. */
  readonly disruption: Disruption;
  /** What can be reached after the step that could not be before; absent where nothing can. */
  readonly exposes?: string;
}

/** The worst that a step does to what runs. */
export type Disruption = 'None' | 'RestartsPods' | 'RecreatesNode' | 'ChangesAddress';

/** What it was found on. */
export interface FindingObject {
  /** The API group of the kind; absent for the core group. */
  readonly group?: string;
  /** The kind; Cluster where it is about the whole cluster. */
  readonly kind: string;
  /** The namespace; absent for what has none. */
  readonly namespace?: string;
  /** The name; of the cluster, cluster. */
  readonly name: string;
}

/** How bad a finding is. */
export type FindingSeverity = 'Info' | 'Warning' | 'Critical';

/** Exact counts of all findings, listed or not. */
export interface FindingSummary {
  /** Critical findings. */
  readonly critical: number;
  /** Warnings. */
  readonly warning: number;
  /** Findings of severity Info. */
  readonly info: number;
  /** Critical findings and warnings that no other of these explains. */
  readonly rootCauses: number;
  /** Findings that the spec's exclusions match. */
  readonly excluded: number;
  /** Findings of checks that the spec ignores. */
  readonly ignored: number;
  /** Exclusions of the spec that no longer apply, since their expirationTime has passed. */
  readonly expiredExclusions: number;
  /** Findings by check. */
  readonly checks?: {
    readonly [k: string]: number;
  };
}

/** Objects of one kind, counted by the families that they have. */
export interface FamilyCounts {
  /** How many are evaluated. */
  readonly total: number;
  /** How many have both families. */
  readonly dualStack: number;
  /** How many have IPv4 only. */
  readonly ipv4Only: number;
  /** How many have IPv6 only. */
  readonly ipv6Only: number;
  /** How many have neither. */
  readonly none: number;
  /** dualStack of total, for the column. */
  readonly ratio: string;
  /** How many are not evaluated, by reason. */
  readonly skipped?: {
    readonly [k: string]: number;
  };
}

/** How far the cluster is on the way to both families; absent where nothing says that it is to have both. */
export interface Migration {
  /** The first stage of which something is left to do. */
  readonly stage: 'NodeAddresses' | 'PodNetwork' | 'ServiceRange' | 'Services' | 'Complete';
  /** What is left to do in this stage and after it, with counts. */
  readonly message: string;
}

/** Which families each layer of the cluster has, and how that is known. */
export interface ReportedStack {
  /** What the three layers have in common; Mixed where they differ, Unknown where one of them is. */
  readonly overall: 'IPv4' | 'IPv6' | 'DualStack' | 'Mixed' | 'Unknown';
  /** The addresses of the nodes. */
  readonly nodes: StackLayer;
  /** The pod network. */
  readonly pods: StackLayer;
  /** What cluster IPs Services can have. */
  readonly services: StackLayer;
}

/** Which families one layer of the cluster has, and how that is known. */
export interface StackLayer {
  /** Which families the layer has; Mixed where some of it has IPv4 only and some IPv6 only. */
  readonly families: 'IPv4' | 'IPv6' | 'DualStack' | 'Mixed' | 'Unknown';
  /** The family that comes first. */
  readonly primary?: IPFamily;
  /** What this was told from. */
  readonly evidence: string;
}

/** One source. */
export interface ReportedSource {
  /** The resource, with its API group where it has one, such as pods or endpointslices.discovery.k8s.io. */
  readonly id: string;
  /** Synced where all its objects are known; Stale where nothing has been heard of it for too long; else why the API server does not give it. */
  readonly state: SourceState;
  /** What is wrong, and what to do about it; absent where nothing is. */
  readonly message?: string;
}

/** Whether what the operator reads is known. */
export type SourceState = 'Synced' | 'Stale' | 'Forbidden' | 'NotFound' | 'Unsupported' | 'Malformed';

/** Which cluster this is, and what it runs on as far as its objects show. */
export interface ReportedCluster {
  /** Its name, as the operator's flag --cluster-name or the kubeconfig has it. */
  readonly name?: string;
  /** The uid of its namespace kube-system, which no two clusters share. */
  readonly uid?: string;
  /** The version of its API server. */
  readonly version?: string;
  /** The distribution or service that the cluster is of. */
  readonly platform?: Platform;
  /** The CNI plugin that gives pods their addresses. */
  readonly networkPlugin?: NetworkPlugin;
  /** What makes the addresses of Services work. */
  readonly serviceProxy?: ServiceProxy;
}

/** What makes the addresses of Services work. */
export interface ServiceProxy {
  /** Its mode, such as iptables, nftables or eBPF; Unknown where nothing shows it. */
  readonly mode: string;
  /** What shows it. */
  readonly evidence: string;
}

/** The CNI plugin that gives pods their addresses. */
export interface NetworkPlugin {
  /** Its name; Unknown where nothing shows it, or what does disagrees. */
  readonly name: string;
  /** What shows it. */
  readonly evidence: string;
}

/** The distribution or service that the cluster is of. */
export interface Platform {
  /** Its name; Unknown where nothing shows it, or what does disagrees. */
  readonly name: string;
  /** Whether a provider runs the control plane; absent where that is not known. */
  readonly managed?: boolean;
  /** What shows it. */
  readonly evidence: string;
}

/** One condition, as in the Kubernetes API conventions. */
export interface Condition {
  /** What the condition is about. */
  readonly type: string;
  /** Whether it holds. */
  readonly status: 'True' | 'False' | 'Unknown';
  /** Why, in one CamelCase word. */
  readonly reason: string;
  /** Why, in words. */
  readonly message: string;
  /** When the status last changed. */
  readonly lastTransitionTime: string;
  /** The generation of the spec that this condition answers. */
  readonly observedGeneration?: number;
}

/** The question. An empty spec asks for the whole cluster and detects which families to expect. */
export interface DualStackReportSpec {
  /**
   * The IP families that everything should have, the preferred one first. Empty or absent: detected from what any of the cluster already has.
   *
   * @maxItems 2
   *
   * Items: An IP family.
   */
  readonly expectedFamilies?: readonly IPFamily[];
  /** Which namespaces' pods and Services count, by the labels of the Namespace. Absent or empty: all of them. Nodes always count. */
  readonly namespaceSelector?: NamespaceSelector;
  /**
   * Settings of single checks, by name; docs/checks.md lists the checks. A name that no check has sets the condition SpecValid to False, and the rest of the spec applies.
   *
   * @maxItems 256
   *
   * Items: The settings of one check.
   */
  readonly checks?: readonly CheckSettings[];
  /**
   * Findings that are known and accepted. They are counted as excluded and not listed.
   *
   * @maxItems 100
   *
   * Items: Which findings to exclude; all fields that are given must match.
   */
  readonly exclusions?: readonly Exclusion[];
  /** How many findings the status lists at most; the counts are exact all the same. */
  readonly maxFindings?: number;
  /** Leaves the status as it is until this is false again. */
  readonly suspend?: boolean;
}

/** Which findings to exclude; all fields that are given must match. */
export interface Exclusion {
  /** The API group of the finding's object. Empty stands for the core group, such as that of pods; absent, for any group. */
  readonly group?: string;
  /** The kind of the finding's object; Cluster for findings about the whole cluster. */
  readonly kind?: string;
  /** The namespace of the finding's object. */
  readonly namespace?: string;
  /** The name of the finding's object; an asterisk stands for any characters. */
  readonly name?: string;
  /** The name of the check. A name that no check has sets the condition SpecValid to False. */
  readonly check?: string;
  /** Why these findings are accepted, for whoever reads this next. */
  readonly reason: string;
  /** From when on the exclusion no longer applies, so that an accepted fault does not stay hidden forever. Absent, it applies for good. */
  readonly expirationTime?: string;
}

/** The settings of one check. */
export interface CheckSettings {
  /** The name of the check. */
  readonly name: string;
  /** The severity of the check's findings, in place of the check's own. Ignore takes them off the list; the summary counts them. */
  readonly severity: SeverityOverride;
}

/** The severity that a report gives a check's findings. */
export type SeverityOverride = 'Ignore' | 'Info' | 'Warning' | 'Critical';

/** Which namespaces' pods and Services count, by the labels of the Namespace. Absent or empty: all of them. Nodes always count. */
export interface NamespaceSelector {
  /** Labels that the Namespace must have. */
  readonly matchLabels?: {
    readonly [k: string]: string;
  };
  /**
   * Requirements on the labels of the Namespace, all of which must hold.
   *
   * @maxItems 32
   *
   * Items: One requirement.
   */
  readonly matchExpressions?: readonly NamespaceSelectorRequirement[];
}

/** One requirement. */
export interface NamespaceSelectorRequirement {
  /** The key of the label. */
  readonly key: string;
  /** How the label's value relates to the values. */
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /**
   * Values to compare with; none for Exists and DoesNotExist.
   *
   * @maxItems 64
   */
  readonly values?: readonly string[];
}

/** An IP family. */
export type IPFamily = 'IPv4' | 'IPv6';
