/**
 * Whether the pages of a Parquet column can be given to hyparquet. A damaged file may hold lengths and counts that make a
 * reader run backwards or fill memory: here each page is walked first, by the header's own numbers, and what cannot be
 * true is an error (Parquet format, "Data Pages" and "Run Length Encoding / Bit-Packing Hybrid").
 */
import type { Compressors } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { readVarInt } from 'hyparquet/src/thrift.js';

export interface Chunk {
  readonly codec: Parameters<typeof decompressPage>[2];
  readonly type: string;
  /** Values in all its pages, as the file says. */
  readonly values: number;
  readonly repetition: number;
  readonly definition: number;
}

/** Values of one column in one row group; writers begin another group long before. */
export const MOST_VALUES = 2 ** 24;
/** Bytes of one page when it is unpacked. */
const MOST_PAGE = 2 ** 28;

/** Throws an `Error` that says what cannot be true. */
export function checkPages(bytes: ArrayBuffer, chunk: Chunk, compressors: Compressors | undefined): void {
  const reader = { view: new DataView(bytes), offset: 0 };
  let left = chunk.values;
  while (reader.offset < bytes.byteLength - 1 && left > 0) {
    const header = parquetHeader(reader);
    const [packed, size] = [header.compressed_page_size, header.uncompressed_page_size];
    const data = header.data_page_header ?? header.data_page_header_v2;
    const values = (header.data_page_header ?? header.dictionary_page_header ?? header.data_page_header_v2)?.num_values;
    if (!isCount(packed, bytes.byteLength - reader.offset)) throw new Error(`a page of ${packed} bytes`);
    if (!isCount(size, MOST_PAGE)) throw new Error(`a page of ${size} unpacked bytes`);
    const isData = header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2';
    if (!isCount(values, isData ? left : MOST_VALUES)) throw new Error(`a page of ${values} values`);
    const body = new Uint8Array(bytes, reader.offset, packed);
    if (header.type === 'DATA_PAGE' && data) {
      checkBody(decompressPage(body, size, chunk.codec, compressors), chunk, values, String(data.encoding));
    } else if (header.type === 'DATA_PAGE_V2' && header.data_page_header_v2) {
      checkV2(body, size, header.data_page_header_v2, chunk, compressors);
    }
    if (isData) left -= values;
    reader.offset += packed;
  }
}

const isCount = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;

/** Version 1: both kinds of levels with their lengths, then the values. */
function checkBody(page: Uint8Array, { repetition, definition, type }: Chunk, values: number, encoding: string): void {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  let at = 0;
  for (const highest of [repetition, definition]) {
    if (highest === 0) continue;
    const length = view.getUint32(at, true);
    if (length > page.length - at - 4) throw new Error(`levels of ${length} bytes`);
    checkRuns(view, at + 4, bitsOf(highest), values);
    at += 4 + length;
  }
  checkValues(view, at, type, values, encoding);
}

interface HeaderV2 {
  readonly num_nulls: number;
  readonly num_values: number;
  readonly encoding: unknown;
  readonly definition_levels_byte_length: number;
  readonly repetition_levels_byte_length: number;
  readonly is_compressed?: boolean | undefined;
}

/** Version 2: the levels stand before what is compressed. */
function checkV2(body: Uint8Array, size: number, header: HeaderV2, chunk: Chunk, compressors: Compressors | undefined) {
  const { num_values: values, num_nulls: nulls } = header;
  const [before, after] = [header.repetition_levels_byte_length, header.definition_levels_byte_length];
  if (!isCount(before, body.length) || !isCount(after, body.length - before))
    throw new Error('levels longer than a page');
  if (!isCount(nulls, values)) throw new Error(`${nulls} values of ${values} that are missing`);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  if (chunk.repetition > 0) checkRuns(view, 0, bitsOf(chunk.repetition), values);
  if (chunk.definition > 0) checkRuns(view, before, bitsOf(chunk.definition), values);
  const rest = size - before - after;
  if (rest < 0) throw new Error('levels longer than a page');
  const packed = body.subarray(before + after);
  const page =
    header.is_compressed !== false && rest > 0 ? decompressPage(packed, rest, chunk.codec, compressors) : packed;
  const inner = new DataView(page.buffer, page.byteOffset, page.byteLength);
  checkValues(inner, 0, chunk.type, values - nulls, String(header.encoding));
}

function checkValues(view: DataView, at: number, type: string, values: number, encoding: string): void {
  if (values === 0 || at >= view.byteLength) return;
  if (encoding.endsWith('_DICTIONARY')) {
    const bits = view.getUint8(at);
    if (bits > 32) throw new Error(`indices of ${bits} bits`);
    if (bits > 0) checkRuns(view, at + 1, bits, values);
  } else if (encoding === 'RLE' && type === 'BOOLEAN') checkRuns(view, at, 1, values);
  else if (encoding.startsWith('DELTA_')) checkDelta(view, at);
}

/**
 * Runs of one value, and groups of eight packed ones: none longer than there are values, but for what fills the last
 * group. Of dictionary indices there are fewer than values where some are missing.
 */
function checkRuns(view: DataView, offset: number, bits: number, values: number): void {
  const reader = { view, offset };
  for (let seen = 0; seen < values && reader.offset < view.byteLength; ) {
    const header = readVarInt(reader) >>> 0;
    const packed = (header & 1) === 1;
    const count = (header >>> 1) * (packed ? 8 : 1);
    if (count > values - seen + 504) throw new Error(`a run of ${count} values`);
    reader.offset += packed ? Math.ceil((count * bits) / 8) : Math.ceil(bits / 8);
    seen += count;
  }
}

/** The header of delta encoding: values in a block and miniblocks in it. */
function checkDelta(view: DataView, offset: number): void {
  const reader = { view, offset };
  const [block, miniblocks] = [readVarInt(reader), readVarInt(reader)];
  if (block <= 0 || block > 2 ** 20 || miniblocks <= 0 || miniblocks > 4096 || block % miniblocks !== 0) {
    throw new Error(`blocks of ${block} values in ${miniblocks} parts`);
  }
}

const bitsOf = (highest: number) => 32 - Math.clz32(highest);
