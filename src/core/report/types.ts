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
  readonly evaluatedAt?: string;
  /**
   * Ready, Healthy, NodesHealthy, PodsHealthy and ServicesHealthy, and Stalled where the spec cannot be met.
   *
   * @maxItems 16
   *
   * Items: One condition, as in the Kubernetes API conventions.
   */
  readonly conditions?: readonly Condition[];
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
  /** Findings in it that are good to know. */
  readonly info: number;
}

/** One thing that is not dual-stack and should be. */
export interface ListedFinding {
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
  /** How to mend it. */
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
  /** Their kind. */
  readonly kind: 'Node' | 'Pod' | 'Service';
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
  /** The name of its check. */
  readonly check: string;
  /** What it was found on. */
  readonly object: FindingObject;
}

/** How to mend it. */
export interface Remediation {
  /** What to do. */
  readonly description: string;
  /** The command that does it, where one does. */
  readonly command?: string;
}

/** What it was found on. */
export interface FindingObject {
  /** The kind; Cluster where it is about the whole cluster. */
  readonly kind: FindingKind;
  /** The namespace of a pod or Service. */
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
  /** Findings that are good to know. */
  readonly info: number;
  /** Critical findings and warnings that no other of these explains. */
  readonly rootCauses: number;
  /** Findings that the spec's exclusions match. */
  readonly excluded: number;
  /** Findings of checks that the spec's severities ignore. */
  readonly ignored: number;
  /** Findings by check. */
  readonly checks?: {
    readonly [k: string]: number;
  };
}

/** Objects of one kind, counted by the families that they have. */
export interface FamilyCounts {
  /** How many are judged. */
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
  /** How many are not judged, by reason. */
  readonly leftOut?: {
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
  readonly cluster: 'IPv4' | 'IPv6' | 'DualStack' | 'Mixed' | 'Unknown';
  /** The addresses of the nodes. */
  readonly nodes: StackLayer;
  /** The pod network. */
  readonly pods: StackLayer;
  /** What cluster IPs Services can have. */
  readonly services: StackLayer;
}

/** Which families one layer of the cluster has, and how that is known. */
export interface StackLayer {
  /** Which families the layer has. */
  readonly families: 'IPv4' | 'IPv6' | 'DualStack' | 'Unknown';
  /** The family that comes first. */
  readonly primary?: IPFamily;
  /** What this was told from. */
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
  /** The severity of a check's findings by the name of the check, in place of the check's own. Ignore leaves the check's findings out; the summary counts them. */
  readonly severities?: {
    /** A severity. */
    readonly [k: string]: SeverityOverride;
  };
  /**
   * Findings that are known and accepted. They are counted as excluded and not listed.
   *
   * @maxItems 100
   *
   * Items: Which findings to leave out; all fields that are given must match.
   */
  readonly exclusions?: readonly Exclusion[];
  /** How many findings the status lists at most; the counts are exact all the same. */
  readonly maxFindings?: number;
  /** Leaves the status as it is until this is false again. */
  readonly suspend?: boolean;
}

/** Which findings to leave out; all fields that are given must match. */
export interface Exclusion {
  /** The kind of the finding's object. */
  readonly kind?: FindingKind;
  /** The namespace of the finding's object. */
  readonly namespace?: string;
  /** The name of the finding's object; an asterisk stands for any characters. */
  readonly name?: string;
  /** The name of the check. */
  readonly check?: string;
  /** Why these findings are accepted, for whoever reads this next. */
  readonly reason: string;
}

/** The kind of object that a finding is about. */
export type FindingKind = 'Cluster' | 'Node' | 'Pod' | 'Service';

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
