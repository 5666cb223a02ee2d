/**
 * Lists and objects as Python prints them: what `DataFrame.to_csv` writes into a cell that held messages. Strings in either
 * quotation mark, numbers, None, True and False; NumPy leaves out the commas between items and may say `array(…)` around.
 */

const TOKEN =
  /\s*(?:([[\]{}(),:])|'([^'\\]*(?:\\.[^'\\]*)*)'|"([^"\\]*(?:\\.[^"\\]*)*)"|(None|True|False|nan)\b|(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)|(array|dtype=object)\b)/sy;
const WORDS: Readonly<Record<string, unknown>> = { None: null, True: true, False: false, nan: null };
const DEEPEST = 32;

/** What a cell of a table holds, as JSON or as Python prints it; undefined for anything else. */
export function readCell(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return readPython(text);
  }
}

/** Undefined for anything else. */
export function readPython(text: string): unknown {
  let at = 0;
  const next = (): RegExpExecArray | undefined => {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (found) at = TOKEN.lastIndex;
    return found ?? undefined;
  };
  const peek = () => /\S/.exec(text.slice(at, at + 64))?.[0];
  const value = (depth: number): unknown => {
    const found = next();
    if (found === undefined || depth > DEEPEST) throw new Error('no literal');
    const [, sign, single, double, word, number, call] = found;
    const quoted = single ?? double;
    if (quoted !== undefined) return unescaped(quoted);
    if (word !== undefined) return WORDS[word];
    if (number !== undefined) return Number(number);
    if (call === 'array') return (value(depth + 1) as readonly unknown[])[0];
    if (sign === '[') return items(']', depth);
    if (sign === '(') return items(')', depth);
    if (sign === '{') return Object.fromEntries(items('}', depth) as [string, unknown][]);
    throw new Error('no literal');
  };
  const items = (end: string, depth: number): unknown[] => {
    const list: unknown[] = [];
    while (peek() !== end) {
      const before = at;
      const first = next();
      if (first?.[6] !== 'dtype=object') {
        at = before;
        const key = value(depth + 1);
        if (end === '}') {
          if (next()?.[1] !== ':') throw new Error('no literal');
          list.push([String(key), value(depth + 1)]);
        } else list.push(key);
      }
      if (peek() === ',') next();
    }
    next();
    return list;
  };
  try {
    const read = value(0);
    return text.slice(at).trim() === '' ? read : undefined;
  } catch {
    return undefined;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\n': '' };

function unescaped(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gs, (_, x, u, long, sign) => {
    const code: string | undefined = x ?? u ?? long;
    if (code === undefined) return ESCAPES[sign as string] ?? (sign as string);
    const point = Number.parseInt(code, 16);
    return point > 0x10ffff ? '' : String.fromCodePoint(point);
  });
}
