/** A token's text, cut so that the canvas can draw it: space before, the visible word, line breaks after. */
import { openId } from '../../diffusion/canvas.ts';

/** What models write here is English, whatever the language of the page; a browser must not translate it. */
export const WRITTEN = { lang: 'en', translate: 'no' } as const;

export interface Word {
  readonly lead: string;
  readonly body: string;
  readonly trail: string;
  /** The body is a sign for something invisible. */
  readonly sign: 'newline' | 'space' | undefined;
}

const NEWLINE = '↵';
const SPACE = '␣';

export function wordOf(piece: string): Word {
  if (/^\s*$/.test(piece)) {
    const breaks = piece.replace(/[^\n]/g, '');
    if (breaks) return { lead: '', body: NEWLINE.repeat(breaks.length), trail: breaks, sign: 'newline' };
    return { lead: '', body: SPACE, trail: '', sign: 'space' };
  }
  const [, lead = '', body = '', trail = ''] = /^(\s*)(.*?)(\s*)$/s.exec(piece) ?? [];
  return { lead, body, trail, sign: undefined };
}

/** The words of a canvas as running text, masks left out as blocks. */
export function plainText(
  ids: Int32Array,
  maskId: number | undefined,
  pieces: Readonly<Record<number, string>>,
): string {
  let text = '';
  for (const id of ids) text += id === openId(maskId) ? ' ▨' : (pieces[id] ?? '');
  return text;
}
