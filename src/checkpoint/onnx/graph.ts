/**
 * Writes an ONNX model (onnx.proto, IR version 9) node by node. Large tensors go to one file of their own beside the
 * graph, as ONNX's external data: the graph stays small, and a runtime can upload each weight from where it lies.
 */
import { type Bytes, bytes, concatenate, float, integer, message, text } from './protobuf.ts';

export const ElementType = { Float: 1, Uint8: 2, Int64: 7, Float16: 10 } as const;
export type ElementType = (typeof ElementType)[keyof typeof ElementType];

/** Microsoft's operators, those that are not in the ONNX standard. */
export const MICROSOFT = 'com.microsoft';
export const WEIGHTS_FILE = 'weights.bin';

const STANDARD_OPSET = 20; // the first with Gelu
const IR_VERSION = 9;
/** Tensors from this size on go to the weights file. */
const EXTERNAL_BYTES = 1024;
/** Offsets that a runtime may map into memory. */
const ALIGNMENT = 4096;

export type Attribute = number | { readonly float: number } | readonly number[];
/** A size, or the name of one that is only known when the graph is run. */
export type Dimension = number | string;

export interface OnnxModel {
  readonly graph: Bytes;
  /** What `WEIGHTS_FILE` holds. */
  readonly weights: Bytes;
}

export class GraphWriter {
  readonly #name: string;
  readonly #weightsFile: string;
  readonly #nodes: Bytes[] = [];
  readonly #tensors: Bytes[] = [];
  readonly #inputs: Bytes[] = [];
  readonly #outputs: Bytes[] = [];
  readonly #weights: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  #weightBytes = 0;
  #named = 0;

  constructor(name: string, weightsFile = WEIGHTS_FILE) {
    this.#name = name;
    this.#weightsFile = weightsFile;
  }

  /** One operator; an empty name among `inputs` leaves that input out. Returns the names of its outputs. */
  node(
    operator: string,
    inputs: readonly string[],
    options: {
      readonly domain?: string;
      readonly attributes?: Readonly<Record<string, Attribute>>;
      /** Number of outputs, or their names. */
      readonly outputs?: number | readonly string[];
    } = {},
  ): string[] {
    const { domain = '', attributes = {}, outputs = 1 } = options;
    const name = `${operator}_${this.#named++}`;
    const names = typeof outputs === 'number' ? Array.from({ length: outputs }, (_, i) => `${name}.${i}`) : outputs;
    this.#nodes.push(
      message(1, [
        ...inputs.map((input) => text(1, input)),
        ...names.map((output) => text(2, output)),
        text(3, name),
        text(4, operator),
        ...Object.entries(attributes).map(([key, value]) => message(5, attribute(key, value))),
        text(7, domain),
      ]),
    );
    return [...names];
  }

  /** An operator with one output. */
  one(operator: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}, domain = '') {
    return this.node(operator, inputs, { attributes, domain })[0] as string;
  }

  tensor(name: string, type: ElementType, shape: readonly number[], data: ArrayBufferView): string {
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const head = [...shape.map((size) => integer(1, size)), integer(2, type), text(8, name)];
    if (raw.length < EXTERNAL_BYTES) {
      this.#tensors.push(message(5, [...head, bytes(9, raw)]));
      return name;
    }
    const at = Math.ceil(this.#weightBytes / ALIGNMENT) * ALIGNMENT;
    this.#weights.push({ at, bytes: raw });
    this.#weightBytes = at + raw.length;
    const entry = (key: string, value: string) => message(13, [text(1, key), text(2, value)]);
    const place = [entry('location', this.#weightsFile), entry('offset', `${at}`), entry('length', `${raw.length}`)];
    this.#tensors.push(message(5, [...head, ...place, integer(14, 1)]));
    return name;
  }

  input(name: string, type: ElementType, shape: readonly Dimension[]): string {
    this.#inputs.push(message(11, valueInfo(name, type, shape)));
    return name;
  }

  output(name: string, type: ElementType, shape: readonly Dimension[]): void {
    this.#outputs.push(message(12, valueInfo(name, type, shape)));
  }

  finish(): OnnxModel {
    const graph = [...this.#nodes, text(2, this.#name), ...this.#tensors, ...this.#inputs, ...this.#outputs];
    const opset = (domain: string, version: number) => message(8, [text(1, domain), integer(2, version)]);
    const weights = new Uint8Array(this.#weightBytes);
    for (const { at, bytes } of this.#weights) weights.set(bytes, at);
    return {
      graph: concatenate([
        integer(1, IR_VERSION),
        text(2, 'Unmask'),
        message(7, graph),
        opset('', STANDARD_OPSET),
        opset(MICROSOFT, 1),
      ]),
      weights,
    };
  }
}

/** AttributeProto: whole numbers, floats and lists of whole numbers, each under its own field and type. */
function attribute(name: string, value: Attribute): Bytes[] {
  if (typeof value === 'number') return [text(1, name), integer(3, value), integer(20, 2)];
  if ('float' in value) return [text(1, name), float(2, value.float), integer(20, 1)];
  return [text(1, name), ...value.map((each) => integer(8, each)), integer(20, 7)];
}

function valueInfo(name: string, type: ElementType, shape: readonly Dimension[]): Bytes[] {
  const dimensions = shape.map((size) => message(1, [typeof size === 'number' ? integer(1, size) : text(2, size)]));
  return [text(1, name), message(2, [message(1, [integer(1, type), message(2, dimensions)])])];
}
