/** Ways in which files are damaged: bits, bytes and stretches of them, and values of JSON that are of another kind. */
import type { Random } from './random.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** Most bytes a damaged file grows to. */
const LARGEST = 200_000;

/** `bytes` with one to eight wounds; `others` are spliced in. Half of them have a few changed bytes and no more. */
export function damaged(bytes: Bytes, others: readonly Bytes[], random: Random): Bytes {
  let made: Bytes = bytes.slice();
  if (random.below(2) === 0) {
    for (let wounds = 1 + random.below(3); wounds > 0; wounds--) made = changed(made, random);
    return made;
  }
  for (let wounds = 1 + random.below(random.pick([1, 2, 8])); wounds > 0; wounds--)
    made = wounded(made, others, random);
  return made.length > LARGEST ? made.slice(0, LARGEST) : made;
}

function wounded(bytes: Bytes, others: readonly Bytes[], random: Random): Bytes {
  const at = random.below(bytes.length + 1);
  const length = Math.min(bytes.length - at, 1 + random.below(random.pick([4, 64, 4096])));
  const cut = (inserted: ArrayLike<number>, removed = 0) =>
    Uint8Array.from([...bytes.subarray(0, at), ...Array.from(inserted), ...bytes.subarray(at + removed)]);
  switch (random.below(7)) {
    case 0:
      return changed(bytes, random);
    case 1:
      return cut([], length);
    case 2:
      return cut(bytes.subarray(at, at + length)); // twice
    case 3:
      return bytes.slice(0, at);
    case 4:
      return cut(Uint8Array.from({ length: 1 + random.below(16) }, () => random.below(256)));
    case 5: {
      const other = random.pick(others);
      const from = random.below(other.length);
      return cut(other.subarray(from, from + 1 + random.below(2000)), random.pick([0, length]));
    }
    default:
      return cut(new TextEncoder().encode(random.pick(WORDS)), random.pick([0, 1, length]));
  }
}

/** One byte is another: a bit of it, or all of it. */
function changed(bytes: Bytes, random: Random): Bytes {
  const at = random.below(bytes.length);
  if (bytes.length === 0) return bytes;
  const flipped = (bytes[at] as number) ^ (1 << random.below(8));
  bytes[at] = random.pick([flipped, flipped, 0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
  return bytes;
}

/** What readers stumble over. */
const WORDS: readonly string[] = [
  ...[
    '"',
    '""',
    "'",
    '\\',
    '\n',
    '\r',
    '\r\n\r\n',
    '\t',
    ',',
    ';',
    '\0',
    '\u2028',
    '\ufeff',
    '\ud800',
    '🦊',
    '%',
    '%2',
    '%25',
    '%00',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    ':',
    '{{',
    '}}',
    '{%',
    '%}',
    'null',
    'NaN',
    '-Infinity',
    'true',
    '1e999',
    '-1',
    '0',
    '4294967296',
  ],
  ...[
    '9007199254740993',
    '__proto__',
    'constructor',
    'toString',
    '<|endoftext|>',
    '[MASK]',
    '../',
    '//',
    '?',
    '#',
    '&',
    '=',
    '+',
    '@',
  ],
  ...['sep=;\n', '[['.repeat(500), '{"a":'.repeat(500), '('.repeat(200), 'a'.repeat(5000), '9'.repeat(400)],
];

const VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1,
    0.5,
    1e308,
    -1e308,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    1e6,
    '',
    ' ',
    'a',
    '__proto__',
    '\ud800',
  ],
  ...[
    [],
    {},
    [[]],
    [null],
    { '': null },
    'x'.repeat(3000),
    '(a+)+$',
    '['.repeat(100),
    [1, 2, 3],
    new Array(300).fill(0),
  ],
];

/** JSON with one to three values replaced, removed, copied, moved or nested. */
export function damagedJson(value: unknown, random: Random): unknown {
  const copy: { root: unknown } = { root: structuredClone(value) };
  for (let wounds = 1 + random.below(3); wounds > 0; wounds--) {
    const [parent, key] = placeIn(copy, random);
    switch (random.below(6)) {
      case 0:
        if (Array.isArray(parent)) parent.splice(Number(key), 1);
        else delete parent[key];
        break;
      case 1: {
        const [other, from] = placeIn(copy, random);
        parent[key] = structuredClone(other[from]);
        break;
      }
      case 2:
        parent[key] = [parent[key]];
        break;
      case 3:
        if (typeof parent[key] === 'number') parent[key] *= random.pick([-1, 0, 0.5, 2, 1e9, 1e-9]);
        else if (typeof parent[key] === 'string') parent[key] += random.pick(WORDS);
        else parent[key] = random.pick(VALUES);
        break;
      default:
        parent[key] = structuredClone(random.pick(VALUES));
    }
  }
  return copy.root;
}

// biome-ignore lint/suspicious/noExplicitAny: any value of JSON
type Place = readonly [parent: any, key: string];

/** A random place: down from the root, stopping anywhere. */
function placeIn(root: { root: unknown }, random: Random): Place {
  let [parent, key]: Place = [root, 'root'];
  for (;;) {
    const value = parent[key];
    if (typeof value !== 'object' || value === null || random.below(5) === 0) return [parent, key];
    const keys = Object.keys(value);
    if (keys.length === 0) return [parent, key];
    [parent, key] = [value, random.pick(keys)];
  }
}
