/**
 * The little of Protocol Buffers' wire format that an ONNX file needs: varints, 32-bit floats, and fields that carry
 * their length (protobuf.dev/programming-guides/encoding). A message is a list of fields, already encoded.
 */

export type Bytes = Uint8Array<ArrayBuffer>;

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** A whole number ≥ 0 below 2⁵³, seven bits a byte, least first; negative ones take ten bytes. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return bytes;
}

export function integer(field: number, value: number): Bytes {
  return Uint8Array.from([...varint(field * 8 + VARINT), ...varint(value)]);
}

export function float(field: number, value: number): Bytes {
  return concatenate([
    Uint8Array.from(varint(field * 8 + FIXED_32)),
    new Uint8Array(Float32Array.of(value).buffer), // little-endian, as all that run this are
  ]);
}

export function bytes(field: number, value: Uint8Array): Bytes {
  return concatenate([Uint8Array.from([...varint(field * 8 + LENGTH_DELIMITED), ...varint(value.length)]), value]);
}

export function text(field: number, value: string): Bytes {
  return bytes(field, new TextEncoder().encode(value));
}

export function message(field: number, fields: readonly Uint8Array[]): Bytes {
  return bytes(field, concatenate(fields));
}

export function concatenate(parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
