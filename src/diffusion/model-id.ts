/** Names of models on a hub. A link, the Models dialog and the download all take a name by this one rule. */

export interface HubName {
  /** `owner/name`, or the one name of an old repository. */
  readonly id: string;
  /**
   * What the address may mean by its revision, likeliest first; none where it names none. Branches may have slashes, so
   * that where one ends and a path begins only the hub knows.
   */
  readonly revisions: readonly string[];
}

const HOST = /^(?:https?:)?(?:\/\/)?(?:www[.])?(?:huggingface[.]co|hf[.]co|hf-mirror[.]com)(?::\d+)?\//i;

/** Sites whose addresses look alike; the hub may have a model of that name, which is another one. */
const ELSEWHERE =
  /^(?:(?:https?:)?\/\/|ssh:\/\/|git@)*(?:www[.])?(?:github|gitlab|bitbucket|kaggle|modelscope|civitai|ollama|replicate)[.]\w+[:/]/i;

/**
 * The model in what a person typed or pasted: `owner/name`, `owner/name@revision`, or the address of one of its pages,
 * with or without scheme, query and fragment. Undefined when there is none.
 */
export function hubName(text: string): HubName | undefined {
  const pasted = text
    // What surrounds an address in a mail or a command is not of it.
    .replace(/^[\s<"'`(\u200b\ufeff]+|(?:[\s>"'`),;\u200b\ufeff]|(?<=[\w>"'`)])[.])+$/g, '')
    .replace(/^git\s+clone\s+/, '');
  if (ELSEWHERE.test(pasted)) return undefined;
  const address = pasted.replace(/^(ssh:\/\/)?git@[^:/]+[:/]/i, 'https://huggingface.co/');
  if (/^hf:\/\//i.test(address)) return withPath(address.slice('hf://'.length));
  // Without a host it is no fragment of a page: what it should mean is not known.
  if (/^[\w.-]+\/[\w.-]+#/.test(address) && !HOST.test(address)) return undefined;
  const [, asked] = /[?&](?:revision|rev|ref|branch)=([^&#\s]+)/.exec(address) ?? [];
  const path = address
    .replace(HOST, '')
    .replace(/^https?:\/\/[^/]+\//i, '')
    .replace(/[?#].*$/s, '')
    .replace(/\/+$/, '')
    // No repository may be called so; it is how git is told its address.
    .replace(/[.]git$/, '');
  const [, id, at, page, rest = ''] =
    /^([\w.-]+(?:\/[\w.-]+)?)(?:@([^\s@]+)|\/(tree|blob|resolve|raw|blame|commits?)(?:\/(.*))?)?$/.exec(path) ?? [];
  if (id === undefined || id.split('/').some((part) => /^\.+$/.test(part))) return undefined;
  if (/^(datasets|spaces|models|collections|docs|blog|papers|tasks|api)(\/|$)/.test(id)) return undefined;
  if (at !== undefined) return { id, revisions: [decoded(at)] };
  if (page !== undefined && rest !== '') return { id, revisions: revisionsIn(page, rest) };
  return { id, revisions: asked === undefined ? [] : [decoded(asked)] };
}

/** As `hf://` of huggingface_hub has it: `owner/name`, `owner/name@revision`, and a path behind either. */
function withPath(path: string): HubName | undefined {
  const [, id = '', rest] = /^([\w.-]+\/[\w.-]+)(?:@([^\s@]+?))?(?:\/[\w.-]+[.]\w+)?$/.exec(path) ?? [];
  const plain = hubName(id);
  return plain && (rest === undefined ? plain : { id, revisions: [decoded(rest)] });
}

/** `rest`: revision and path, in one. */
function revisionsIn(page: string, rest: string): readonly string[] {
  const parts = rest.split('/');
  const [first = ''] = parts;
  // What is escaped is one name; refs have three parts; a commit has no slash.
  if (/%2f/i.test(first)) return [decoded(first)];
  if (first === 'refs') return [parts.slice(0, 3).map(decoded).join('/')];
  if (/^[0-9a-f]{40}$/.test(first)) return [first];
  const isFile = !['tree', 'commit', 'commits'].includes(page);
  const most = Math.max(1, parts.length - (isFile ? 1 : 0));
  // Branches with slashes are rare and not deep.
  const lengths = Array.from({ length: Math.min(most, 4) }, (_, i) => i + 1);
  return (isFile ? lengths : lengths.reverse()).map((length) => parts.slice(0, length).map(decoded).join('/'));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The id alone. */
export function hubId(text: string): string | undefined {
  return hubName(text)?.id;
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
