/**
 * `JSON.parse` keeps the last of two equal keys and says nothing; a file that names a tensor twice is damaged.
 * This walks a text that has already been parsed and finds such a pair.
 */

/** The first key that stands twice in one object of valid JSON, if any. Escapes count: `"a"` equals `"\u0061"`. */
export function repeatedKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = []; // one set of keys per open object, undefined per open array
  for (let i = 0; i < json.length; i++) {
    const char = json[i];
    if (char === '{') open.push(new Set());
    else if (char === '[') open.push(undefined);
    else if (char === '}' || char === ']') open.pop();
    else if (char === '"') {
      const start = i;
      for (i++; json[i] !== '"'; i++) if (json[i] === '\\') i++;
      const keys = open.at(-1);
      if (keys === undefined || !isKey(json, i + 1)) continue;
      const key = JSON.parse(json.slice(start, i + 1)) as string;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

/** Whether the next thing after a string is the colon that makes it a key. */
function isKey(json: string, from: number): boolean {
  let i = from;
  while (' \t\n\r'.includes(json[i] ?? 'x')) i++;
  return json[i] === ':';
}
