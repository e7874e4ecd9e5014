import { stringify } from 'yaml';

/** YAML knows nothing of Helm's actions: they go through it in hexadecimal digits, between marks that no manifest has. */
const VALUE = /HelmValue([0-9a-f]+)Ends/g;
const LINES = /^( *)(?:- )?HelmLines([0-9a-f]+)Ends(?:: null)?$/gm;

/** An action in place of a value, or for a part of one. */
export function action(text: string): string {
  return `HelmValue${encoded(`{{ ${text} }}`)}Ends`;
}

/** Lines of their own, as an item of a list; `@` in them is their indentation. */
export function lines(...texts: readonly string[]): string {
  return `HelmLines${encoded(texts.join('\n'))}Ends`;
}

/** The same as a field of an object. */
export function fields(...texts: readonly string[]): Readonly<Record<string, null>> {
  return { [lines(...texts)]: null };
}

/** Fields that are there under a condition only. */
export function fieldsIf(condition: string, present: object): object {
  // The comment distinguishes one end from another, as keys of one object have to differ.
  return { ...fields(`{{- if ${condition} }}`), ...present, ...fields(`{{- end }}{{/* if ${condition} */}}`) };
}

/** Items that are there under a condition only. */
export function itemsIf(condition: string, present: readonly unknown[]): readonly unknown[] {
  return [lines(`{{- if ${condition} }}`), ...present, lines('{{- end }}')];
}

/** A field with what a value of the chart holds, unless that is empty. */
export function fieldFrom(name: string, value: string): Readonly<Record<string, null>> {
  return fields(`{{- with .Values.${value} }}`, `${name}:`, '  {{- toYaml . | nindent @+2 }}', '{{- end }}');
}

/** What a value of the chart holds, as further fields. */
export function fieldsFrom(value: string): Readonly<Record<string, null>> {
  return fields(`{{- with .Values.${value} }}`, '{{- toYaml . | nindent @ }}', '{{- end }}');
}

/** What a template of _helpers.tpl gives, as fields. */
export function fieldsOf(template: string): Readonly<Record<string, null>> {
  return fields(`{{- include "dualstack-operator.${template}" . | nindent @ }}`);
}

/** An object as a template. What looks like an action in its texts, as Prometheus’ and Grafana’s variables do, is kept from Helm. */
export function template(object: object): string {
  return stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })
    .replaceAll('{{', '{{ "{{" }}')
    .replace(LINES, (_, indentation: string, hex: string) => indented(decoded(hex), indentation.length))
    .replace(VALUE, (_, hex: string) => decoded(hex));
}

function indented(text: string, by: number): string {
  return text
    .split('\n')
    .map((line) => ' '.repeat(by) + line.replace('@+2', String(by + 2)).replace(/nindent @/, `nindent ${by}`))
    .join('\n');
}

function encoded(text: string): string {
  return Buffer.from(text).toString('hex');
}

function decoded(hex: string): string {
  return Buffer.from(hex, 'hex').toString();
}
