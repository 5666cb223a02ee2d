/** Files in memory for tests of the readers: texts in any encoding, tables of Parquet in any codec. */
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { CompressionCodec, SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { memorySource } from '../../checkpoint/sources.ts';
import { readTexts } from '../data/texts.ts';

export const utf8 = (text: string) => new TextEncoder().encode(text);

/** What is read of a file; notes in English. */
export async function read(file: string, content: string | Uint8Array<ArrayBuffer>, column?: string) {
  const bytes = typeof content === 'string' ? utf8(content) : content;
  const got = await readTexts(memorySource(new Map([[file, bytes]]), 'here'), file, { column });
  return { ...got, notes: got.notes.map(String) };
}

export function utf16(text: string, { big = false, mark = false } = {}): Uint8Array<ArrayBuffer> {
  const units = [...(mark ? '\ufeff' : ''), ...text].join('');
  const bytes = new Uint8Array(2 * units.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < units.length; i++) view.setUint16(2 * i, units.charCodeAt(i), !big);
  return bytes;
}

const tables = new Map<string, ReadonlyMap<string, readonly number[]>>();

/** Bytes of a text in an encoding of one or two bytes a character, by decoding all of them. */
export function encoded(text: string, encoding: string): Uint8Array<ArrayBuffer> {
  let table = tables.get(encoding);
  if (table === undefined) {
    const decoder = new TextDecoder(encoding, { fatal: true });
    const made = new Map<string, readonly number[]>();
    const learn = (...bytes: number[]) => {
      try {
        const character = decoder.decode(Uint8Array.from(bytes));
        if ([...character].length === 1 && !made.has(character)) made.set(character, bytes);
      } catch {
        // no character
      }
    };
    for (let first = 0; first < 256; first++) learn(first);
    for (let first = 0x81; first < 0xff; first++) for (let last = 0x40; last < 0xff; last++) learn(first, last);
    // Some versions of Node decode these bytes as Latin-1.
    const quotes = { '“': 0x93, '”': 0x94, '„': 0x84, '‘': 0x91, '’': 0x92, '–': 0x96, '…': 0x85, '€': 0x80 };
    if (encoding === 'windows-1252')
      for (const [character, byte] of Object.entries(quotes)) made.set(character, [byte]);
    tables.set(encoding, made);
    table = made;
  }
  return Uint8Array.from(
    [...text].flatMap((character) => {
      const bytes = table.get(character);
      if (bytes === undefined) throw new Error(`${encoding} has no ${character}`);
      return bytes;
    }),
  );
}

type Columns = Readonly<Record<string, unknown[]>>;

export function parquet(
  columns: Columns,
  { codec = 'SNAPPY', schema }: { codec?: CompressionCodec; schema?: SchemaElement[] } = {},
): Uint8Array<ArrayBuffer> {
  const columnData = Object.entries(columns).map(([name, data]) => ({ name, data }));
  const options = { columnData, rowGroupSize: 2, compressors: PACKED, codec, ...(schema ? { schema } : {}) };
  return new Uint8Array(parquetWriteBuffer(options as Parameters<typeof parquetWriteBuffer>[0]));
}

/** Compressors, those without a library in Node with blocks that are not compressed, which their formats allow. */
const PACKED = {
  GZIP: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)),
  BROTLI: (bytes: Uint8Array) => new Uint8Array(brotliCompressSync(bytes)),
  ZSTD: zstd,
  LZ4_RAW: lz4,
  LZ4: (bytes: Uint8Array) => {
    const block = lz4(bytes);
    const framed = new Uint8Array(8 + block.length);
    new DataView(framed.buffer).setUint32(0, bytes.length);
    new DataView(framed.buffer).setUint32(4, block.length);
    framed.set(block, 8);
    return framed; // as Hadoop writes it
  },
};

/** RFC 8878: a frame of one raw block, its size in the header. */
function zstd(bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(12 + bytes.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, 0xfd2fb528, true);
  view.setUint8(4, 0b1010_0000); // four bytes of content size, single segment
  view.setUint32(5, bytes.length, true);
  const header = (bytes.length << 3) | 1;
  for (let i = 0; i < 3; i++) view.setUint8(9 + i, (header >> (8 * i)) & 255);
  frame.set(bytes, 12);
  return frame;
}

/** LZ4 block format: literals alone. */
function lz4(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 15) return Uint8Array.from([bytes.length << 4, ...bytes]);
  const more = bytes.length - 15;
  const lengths = [...new Array<number>(Math.floor(more / 255)).fill(255), more % 255];
  return Uint8Array.from([0xf0, ...lengths, ...bytes]);
}

/** A list of messages, as pyarrow lays out list<struct<role, content>>. */
export const MESSAGES: SchemaElement[] = [
  { name: 'messages', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', repetition_type: 'OPTIONAL', num_children: 2 },
  { name: 'role', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
  { name: 'content', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
];

export const text = (name: string): SchemaElement => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  repetition_type: 'OPTIONAL',
});

export const listOfTexts = (name: string): SchemaElement[] => [
  { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  text('element'),
];

export const root = (children: number): SchemaElement => ({ name: 'root', num_children: children });
