/**
 * Texts of people and models as literals of a shell, of TypeScript and of Python. Whatever stands in them, they arrive
 * whole and nothing of them is carried out. Control characters and those that turn the direction of a line around are
 * never written as they are: pasted into a terminal they are keys, and in code they show another text than is run.
 */

/** For `sh` and every shell that follows POSIX (bash, dash, zsh): in single quotes all signs stand for themselves. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A folder's name for a command line: without signs that a terminal takes for keys; line ends are safe in quotes. */
export function tame(name: string): string {
  return name.replace(/(?!\n)[\p{Cc}\p{Cs}\p{Bidi_Control}]/gu, '_');
}

const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A string of TypeScript. */
export function typescriptString(text: string): string {
  return JSON.stringify(text).replace(HIDDEN, (sign) => `\\u{${hex(sign)}}`);
}

/** A string of Python, which has no word for half a character: U+FFFD stands in its place. */
export function pythonString(text: string): string {
  return JSON.stringify(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(
    HIDDEN,
    (sign) => `\\U${hex(sign).padStart(8, '0')}`,
  );
}

const hex = (sign: string) => (sign.codePointAt(0) as number).toString(16);
