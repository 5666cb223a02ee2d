/** Arrays end to end: the only one itself, others in an array that `make` makes of their lengths' sum. */
export function joined<T extends Uint8Array | Float32Array>(parts: readonly T[], make: (length: number) => T): T {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const all = make(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
