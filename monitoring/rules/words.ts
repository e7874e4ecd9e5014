import { CLUSTER_LABEL } from '../settings.ts';

/** Names the cluster, where its series or its Prometheus do: a template to be put behind what is of the cluster. */
export const OF_CLUSTER = `{{ with or $labels.${CLUSTER_LABEL} $externalLabels.${CLUSTER_LABEL} }} of cluster {{ . }}{{ end }}`;

/** The value as a count of something, such as `1 Service` and `2 Services`. */
export function counted(singular: string, plural = `${singular}s`): string {
  return `{{ $value }} ${byCount(singular, plural)}`;
}

/** One of two words, by whether the value is 1. */
export function byCount(singular: string, plural: string): string {
  return `{{ if eq $value 1.0 }}${singular}{{ else }}${plural}{{ end }}`;
}
