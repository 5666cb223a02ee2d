/** Names of models on a hub. A link, the Models dialog and the download all take a name by this one rule. */

/** The id in what a person typed or pasted: `owner/name`, or the address of its page. Undefined when there is none. */
export function hubId(text: string): string | undefined {
  const path = text.trim().replace(/^https?:\/\/[^/]+\//, '');
  const [, id] = /^([\w.-]+(?:\/[\w.-]+)?)(?:\/(?:tree|blob|resolve)\/.*)?\/?$/.exec(path) ?? [];
  return id === undefined || id.split('/').some((part) => /^\.+$/.test(part)) ? undefined : id;
}

export interface LinkedModel {
  readonly model: string;
  /** Commit of the hub, at least 7 of its 40 hexadecimal digits; only of a hub model. */
  readonly revision: string | undefined;
}

/**
 * The model of a link: `stories`, `owner/name`, or `owner/name@commit`. A name with a slash must be a hub id; one without
 * is that of a model which ships or which a person has on their own machine. Undefined when it is none.
 */
export function parseModel(text: string): LinkedModel | undefined {
  const [, id = text, revision] = /^([^@]*\/[^@]*)@([0-9a-f]{7,40})$/.exec(text) ?? [];
  return id !== '' && (!/[/\\]/.test(id) || hubId(id) === id) ? { model: id, revision } : undefined;
}
