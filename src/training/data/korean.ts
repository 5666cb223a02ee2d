/** Korean as Windows writes it (code page 949): EUC-KR, and the 8,822 syllables that KS X 1001 has not, in their own order. */

/** As `TextDecoder`, which has those syllables in browsers and not in every version of Node. Throws `TypeError` if `fatal`. */
export function decodeKorean(bytes: Uint8Array, fatal: boolean): string {
  const decoder = new TextDecoder('euc-kr', { fatal });
  if (new TextDecoder('euc-kr').decode(Uint8Array.of(0x81, 0x41)) === '갂') return decoder.decode(bytes);
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < bytes.length; i++) {
    if ((bytes[i] as number) < 0x80) continue;
    const sign = syllables().get(256 * (bytes[i] as number) + (bytes[i + 1] ?? 0));
    if (sign !== undefined) {
      parts.push(decoder.decode(bytes.subarray(from, i)), sign);
      from = i + 2;
    }
    i++;
  }
  return [...parts, decoder.decode(bytes.subarray(from))].join('');
}

let table: ReadonlyMap<number, string> | undefined;

/** Syllables by their two bytes: those of Unicode that EUC-KR lacks, on the places that it leaves free. */
function syllables(): ReadonlyMap<number, string> {
  if (table !== undefined) return table;
  const decoder = new TextDecoder('euc-kr');
  const known = new Set<string>();
  for (let lead = 0xb0; lead <= 0xc8; lead++)
    for (let trail = 0xa1; trail <= 0xfe; trail++) known.add(decoder.decode(Uint8Array.of(lead, trail)));
  const made = new Map<number, string>();
  let [lead, trail] = [0x81, 0x41];
  for (let code = 0xac00; code <= 0xd7a3; code++) {
    const sign = String.fromCharCode(code);
    if (known.has(sign)) continue;
    made.set(256 * lead + trail, sign);
    trail++;
    if (trail === 0x5b) trail = 0x61;
    else if (trail === 0x7b) trail = 0x81;
    else if (trail === 0xff || (trail === 0xa1 && lead > 0xa0)) [lead, trail] = [lead + 1, 0x41];
  }
  table = made;
  return made;
}
