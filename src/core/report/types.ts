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

/** Reports whether the cluster, or a selection of its namespaces, is really dual-stack. */
export interface DualStackReport {
  /** The version of this schema, dualstack.dev/v1alpha1. */
  readonly apiVersion: 'dualstack.dev/v1alpha1';
  /** Always DualStackReport. */
  readonly kind: 'DualStackReport';
  readonly metadata: ReportMetadata;
  /** What to report. An empty spec reports on the whole cluster and detects the expected families. */
  readonly spec?: DualStackReportSpec;
  /** The result, written by the operator. */
  readonly status?: DualStackReportStatus;
}

/** The result, written by the operator. */
export interface DualStackReportStatus {
  /** The generation of the spec that this status is for. */
  readonly observedGeneration?: number;
  /** Increases with each new leader, so that a paused former leader cannot overwrite a later status. */
  readonly writerEpoch?: number;
  /** When the cluster was last evaluated for this report. Refreshed at least every five minutes. */
  readonly lastEvaluationTime?: string;
  /**
   * Ready, Healthy, NodesHealthy, PodsHealthy and ServicesHealthy; SpecValid, which is False if the spec names a check or a parameter that does not exist, or a value that cannot apply; and Stalled, if the spec cannot be satisfied.
   *
   * @maxItems 16
   *
   * Items: One condition, as in the Kubernetes API conventions.
   */
  readonly conditions?: readonly Condition[];
  /** The identity of the cluster, and what its objects show about the platform it runs on. */
  readonly cluster?: ReportedCluster;
  /**
   * The sources that the operator reads, each with its state. Absent until all of them have been listed once.
   *
   * @maxItems 256
   *
   * Items: One source.
   */
  readonly sources?: readonly ReportedSource[];
  /** The families that each layer of the cluster has, with the evidence. */
  readonly stack?: ReportedStack;
  /** The progress of the migration to dual-stack. Absent if nothing shows that the cluster is to be dual-stack. */
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
   * The findings in order of severity, causes before their effects. At most spec.maxFindings, and as many as fit.
   *
   * @maxItems 1000
   *
   * Items: One object that is not dual-stack as it should be.
   */
  readonly findings?: readonly ListedFinding[];
  /** The number of findings that the list omits. */
  readonly findingsOmitted?: number;
  /**
   * The namespaces with the most findings, the highest counts first.
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

/** One object that is not dual-stack as it should be. */
export interface ListedFinding {
  /** Identifies the finding by its check, object and families, from one evaluation to the next and from one report to another. It does not change with the cause, the severity or the wording. */
  readonly id: string;
  /** The name of the check that found it. */
  readonly check: string;
  /** The severity of the finding. */
  readonly severity: FindingSeverity;
  /** The object with the finding. */
  readonly object: FindingObject;
  /**
   * The families that are missing or wrong.
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
   * The objects that lack families because of this finding.
   *
   * @maxItems 8
   *
   * Items: Objects of one kind.
   */
  readonly affects?: readonly AffectedObjects[];
}

/** Objects of one kind. */
export interface AffectedObjects {
  /** The API group of the kind. Absent for the core group. */
  readonly group?: string;
  /** Their kind. */
  readonly kind: string;
  /** Their number. */
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
  /** Its id. The finding may be missing from the list. */
  readonly id: string;
  /** The name of its check. */
  readonly check: string;
  /** The object with the finding. */
  readonly object: FindingObject;
}

/** How to fix it. */
export interface Remediation {
  /** What to do, in one sentence. */
  readonly summary: string;
  /**
   * The steps, in the order in which to do them.
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
  /** The command for the step, if there is one. */
  readonly command?: string;
  /** The change as a JSON merge patch of the finding's object, if it can be one. */
  readonly patch?: string;
  /** The worst disruption that the step causes. */
  readonly disruption: Disruption;
  /** What becomes reachable by the step. Absent if nothing does. */
  readonly exposes?: string;
}

/** The worst that a step does to what runs. */
export type Disruption = 'None' | 'RestartsPods' | 'RecreatesNode' | 'ChangesAddress';

/** The object with the finding. */
export interface FindingObject {
  /** The API group of the kind. Absent for the core group. */
  readonly group?: string;
  /** The kind. Cluster if the finding is about the whole cluster. */
  readonly kind: string;
  /** The namespace. Absent for objects without a namespace. */
  readonly namespace?: string;
  /** The name. For the whole cluster it is cluster. */
  readonly name: string;
}

/** How bad a finding is. */
export type FindingSeverity = 'Info' | 'Warning' | 'Critical';

/** Exact counts of all findings, listed or not. */
export interface FindingSummary {
  /** Findings of severity Critical. */
  readonly critical: number;
  /** Findings of severity Warning. */
  readonly warning: number;
  /** Findings of severity Info. */
  readonly info: number;
  /** Findings that no other finding explains, and that are Critical or Warning or explain one that is. A finding of severity Info can be one. */
  readonly rootCauses: number;
  /** Findings that the spec's exclusions match. */
  readonly excluded: number;
  /** Findings of checks that the spec ignores. */
  readonly ignored: number;
  /** Exclusions of the spec that no longer apply because their expirationTime has passed. */
  readonly expiredExclusions: number;
  /** Findings by check. */
  readonly checks?: {
    readonly [k: string]: number;
  };
}

/** Objects of one kind, counted by the families that they have. */
export interface FamilyCounts {
  /** The number of evaluated objects. */
  readonly total: number;
  /** The number with both families. */
  readonly dualStack: number;
  /** The number with IPv4 only. */
  readonly ipv4Only: number;
  /** The number with IPv6 only. */
  readonly ipv6Only: number;
  /** The number with neither family. */
  readonly none: number;
  /** dualStack and total as one string, for the printer column. */
  readonly ratio: string;
  /** The number of objects that are not evaluated, by reason. */
  readonly skipped?: {
    readonly [k: string]: number;
  };
}

/** The progress of the migration to dual-stack. Absent if nothing shows that the cluster is to be dual-stack. */
export interface Migration {
  /** The first stage that is not complete. */
  readonly stage: 'NodeAddresses' | 'PodNetwork' | 'ServiceRange' | 'Services' | 'Complete';
  /** What remains to do in this stage and the following ones, with counts. */
  readonly message: string;
}

/** The families that each layer of the cluster has, with the evidence. */
export interface ReportedStack {
  /** The families that the three layers have in common. Mixed if they differ; Unknown if a layer is Unknown. */
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
  /** The families that the layer has. Mixed if some of its objects have only IPv4 and others only IPv6. */
  readonly families: 'IPv4' | 'IPv6' | 'DualStack' | 'Mixed' | 'Unknown';
  /** The family that comes first. */
  readonly primary?: IPFamily;
  /** The evidence for the families. */
  readonly evidence: string;
}

/** One source. */
export interface ReportedSource {
  /** The resource, with its API group if it has one, such as pods or endpointslices.discovery.k8s.io. */
  readonly id: string;
  /** Synced if all objects are known. Stale if the API server has sent nothing for too long. Otherwise the reason why the operator cannot list the source. */
  readonly state: SourceState;
  /** What is wrong, and how to fix it. Absent if nothing is wrong. */
  readonly message?: string;
}

/** Whether what the operator reads is known. */
export type SourceState = 'Synced' | 'Stale' | 'Forbidden' | 'NotFound' | 'Unsupported' | 'Malformed';

/** The identity of the cluster, and what its objects show about the platform it runs on. */
export interface ReportedCluster {
  /** Its name, from the operator's flag --cluster-name or from the kubeconfig. */
  readonly name?: string;
  /** The uid of its namespace kube-system, which is unique to the cluster. */
  readonly uid?: string;
  /** The version of its API server. */
  readonly version?: string;
  /** The distribution or managed service of the cluster. */
  readonly platform?: Platform;
  /** The CNI plugin that gives pods their addresses. */
  readonly networkPlugin?: NetworkPlugin;
  /** The service proxy, which implements the addresses of Services. */
  readonly serviceProxy?: ServiceProxy;
}

/** The service proxy, which implements the addresses of Services. */
export interface ServiceProxy {
  /** Its mode, such as iptables, nftables or eBPF. Unknown if there is no evidence. */
  readonly mode: string;
  /** The evidence for it. */
  readonly evidence: string;
}

/** The CNI plugin that gives pods their addresses. */
export interface NetworkPlugin {
  /** Its name. Unknown if there is no evidence, or if the evidence is contradictory. */
  readonly name: string;
  /** The evidence for it. */
  readonly evidence: string;
}

/** The distribution or managed service of the cluster. */
export interface Platform {
  /** Its name. Unknown if there is no evidence, or if the evidence is contradictory. */
  readonly name: string;
  /** Whether a provider runs the control plane. Absent if unknown. */
  readonly managed?: boolean;
  /** The evidence for it. */
  readonly evidence: string;
}

/** One condition, as in the Kubernetes API conventions. */
export interface Condition {
  /** What the condition is about. */
  readonly type: string;
  /** The status of the condition. */
  readonly status: 'True' | 'False' | 'Unknown';
  /** The reason for the status, as one CamelCase word. */
  readonly reason: string;
  /** The reason for the status, in words. */
  readonly message: string;
  /** When the status last changed. */
  readonly lastTransitionTime: string;
  /** The generation of the spec that this condition is for. */
  readonly observedGeneration?: number;
}

/** What to report. An empty spec reports on the whole cluster and detects the expected families. */
export interface DualStackReportSpec {
  /**
   * The IP families that everything should have, the preferred one first. If empty or absent, they are detected from the families that any part of the cluster has.
   *
   * @maxItems 2
   *
   * Items: An IP family.
   */
  readonly expectedFamilies?: readonly IPFamily[];
  /** Selects by the labels of Namespaces which pods and Services to report on. If empty or absent, it selects all. Nodes are always included. */
  readonly namespaceSelector?: NamespaceSelector;
  /**
   * Settings of individual checks, by name. docs/checks.md lists the checks and their parameters. An unknown check or parameter sets the condition SpecValid to False; the rest of the spec applies.
   *
   * @maxItems 256
   *
   * Items: The settings of one check.
   */
  readonly checks?: readonly CheckSettings[];
  /**
   * Findings that are known and accepted. The summary counts them as excluded; the list omits them.
   *
   * @maxItems 100
   *
   * Items: Selects the findings to exclude. All fields that are set must match.
   */
  readonly exclusions?: readonly Exclusion[];
  /** The maximum number of findings that the status lists. The counts are exact in any case. */
  readonly maxFindings?: number;
  /** If true, the operator does not update the status. */
  readonly suspend?: boolean;
}

/** Selects the findings to exclude. All fields that are set must match. */
export interface Exclusion {
  /** The API group of the finding's object. Empty means the core group, such as for pods. Absent means any group. */
  readonly group?: string;
  /** The kind of the finding's object; Cluster for findings about the whole cluster. */
  readonly kind?: string;
  /** The namespace of the finding's object. */
  readonly namespace?: string;
  /** The name of the finding's object; an asterisk matches any characters. */
  readonly name?: string;
  /** The name of the check. An unknown name sets the condition SpecValid to False. */
  readonly check?: string;
  /** Why these findings are accepted. */
  readonly reason: string;
  /** The time from which on the exclusion no longer applies, so that an accepted finding does not stay hidden. If absent, the exclusion does not expire. */
  readonly expirationTime?: string;
}

/** The settings of one check. */
export interface CheckSettings {
  /** The name of the check. */
  readonly name: string;
  /** The severity of the check's findings, instead of the default of the check. Ignore removes them from the list; the summary still counts them. */
  readonly severity?: SeverityOverride;
  /** Parameters of the check, instead of their defaults. A value that a parameter does not take sets the condition SpecValid to False, and the default applies. */
  readonly parameters?: {
    /** The value of a parameter. */
    readonly [k: string]: unknown;
  };
}

/** The severity that a report gives a check's findings. */
export type SeverityOverride = 'Ignore' | 'Info' | 'Warning' | 'Critical';

/** Selects by the labels of Namespaces which pods and Services to report on. If empty or absent, it selects all. Nodes are always included. */
export interface NamespaceSelector {
  /** Labels that the Namespace must have. */
  readonly matchLabels?: {
    readonly [k: string]: string;
  };
  /**
   * Requirements on the labels of the Namespace. All of them must be met.
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
   * Values to compare with. Empty or absent for Exists and DoesNotExist.
   *
   * @maxItems 64
   */
  readonly values?: readonly string[];
}

/** An IP family. */
export type IPFamily = 'IPv4' | 'IPv6';
