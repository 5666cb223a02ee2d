/**
 * What has hung the compute worker, so that a reload does not hang on it again: a model that cannot be opened, a text that
 * its tokenizer never gets through, an address. It is noted as soon as the worker is silent over it, since people reload
 * before the worker is ended, and forgotten when the worker answers after all or when it is asked for on purpose.
 */
import { UnmaskError } from '../../diffusion/error.ts';
import type { JobRequest } from '../../worker/protocol.ts';
import { recall, remember } from './remember.ts';

const NAME = 'hung';
/** Of each: its kind and what it was about. */
const MOST = 20;

const known = (): readonly string[] => recall(NAME, { marks: [] as readonly string[] }).marks;

/** What a request is about; undefined for what reads nothing that could hang. */
export function markOf(request: JobRequest, model: string | undefined): string | undefined {
  switch (request.kind) {
    case 'load':
      return mark('model', request.model);
    case 'tokenize':
    case 'nelbo':
      return mark('text', model, request.text);
    case 'countPrompt':
    case 'generate': {
      const { prompt, mode } = request.settings;
      return mark('text', model, prompt, mode);
    }
    case 'compare':
      return mark('text', model, ...new Set(request.runs.map(({ settings }) => settings.prompt)));
    case 'reply':
      return mark('reply', model, request.ids.join());
    case 'lookUp':
      return mark('hub', JSON.stringify(request.address));
    case 'lookAtData': {
      const { data, settings } = request;
      const what = data.kind === 'file' ? [data.file.name, data.file.size] : [JSON.stringify(data)];
      return mark('data', ...what, settings.column, settings.init);
    }
    default:
      return undefined;
  }
}

const mark = (...parts: readonly unknown[]) => hash(JSON.stringify(parts));

/** FNV-1a, 53 bits of two of them: marks are compared with each other only, and texts may be long and private. */
function hash(text: string): string {
  let [one, two] = [0x811c9dc5, 0x01000193];
  for (let at = 0; at < text.length; at++) {
    one = Math.imul(one ^ text.charCodeAt(at), 0x01000193);
    two = Math.imul(two ^ text.charCodeAt(at), 0x85ebca6b);
  }
  return `${(one >>> 0).toString(36)}${(two >>> 0).toString(36)}`;
}

export function noteHung(marks: readonly (string | undefined)[]): void {
  const more = marks.filter((each) => each !== undefined);
  if (more.length > 0) remember(NAME, { marks: [...new Set([...known(), ...more])].slice(-MOST) });
}

export function forgetHung(marks: readonly (string | undefined)[]): void {
  const before = known();
  const after = before.filter((each) => !marks.includes(each));
  if (after.length < before.length) remember(NAME, { marks: after });
}

export const hasHung = (each: string | undefined): boolean => each !== undefined && known().includes(each);

export const modelMark = (name: string): string => mark('model', name);

/** Why a request is not made again by itself. */
export function hungBefore(): UnmaskError {
  return new UnmaskError({
    code: 'internal',
    message: 'This hung the compute worker before, so it is not tried again by itself.',
    remedy: 'Change the text or the model; asking once more tries it again.',
  });
}
