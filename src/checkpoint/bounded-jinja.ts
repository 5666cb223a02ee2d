/**
 * Jinja as chat templates need it (Hugging Face's interpreter), with an end to everything: a template comes from whoever
 * made the model, and one with a loop of 10¹⁰, a text that doubles itself or a macro that calls itself would otherwise
 * hang the program that renders it. Counted are the nodes that are evaluated (a list counts for more, because it is gone
 * through), the characters of every text and the items of every list, those inside others included; no clock, so that a
 * template ends alike on every machine, however busy. A long text counts for what a filter over it takes.
 */

import { Environment, Interpreter, Template } from '@huggingface/jinja';
import { said, type Text } from '../text/said.ts';

/** Far above what any conversation takes: 200 turns through the longest published templates evaluate some 30,000 nodes. */
const LIMIT = {
  source: 2 ** 20,
  nodes: 400_000,
  characters: 2 ** 21,
  items: 100_000,
  indent: 1000,
  /** Of parts in parts. Longer chains of calls would meet the end of the stack where the library takes it for a missing name. */
  depth: 200,
};

type Value = ReturnType<Interpreter['evaluate']>;
type Statement = Parameters<Interpreter['evaluate']>[0];
type Node = NonNullable<Statement> & Readonly<Record<string, unknown>>;

export interface BoundedTemplate {
  /** Throws an `Error` that says what was too much, or the template's own. */
  render(given: Readonly<Record<string, unknown>>): string;
}

/** Throws an `Error` when it is not Jinja. */
export function openTemplate(source: string): BoundedTemplate {
  if (source.length > LIMIT.source) throw new Error(`it has more than ${LIMIT.source} characters`);
  const { parsed } = shallow(() => new Template(source));
  return {
    render(given) {
      const environment = new Environment();
      for (const [name, value] of Object.entries({ ...GLOBALS, ...given })) environment.set(name, value);
      return String(shallow(() => new Bounded(environment).run(parsed)).value);
    },
  };
}

/** What templates may use besides what they are given, as in transformers' `render_jinja_template`. */
const GLOBALS = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  raise_exception(reason: unknown = 'it gives no reason') {
    throw new Error(String(reason));
  },
  range(...given: number[]) {
    const [start, stop, step = 1] = given.length < 2 ? [0, given[0] ?? 0] : given;
    if (step === 0) throw new Error('a range has the step 0');
    const count = Math.max(0, Math.ceil(((stop as number) - (start as number)) / step));
    if (!(count <= LIMIT.items)) throw tooMuch(said`a loop of more than ${LIMIT.items} rounds`);
    return Array.from({ length: count }, (_, i) => (start as number) + i * step);
  },
  strftime_now: (format: string) => strftime(String(format).slice(0, 1000), new Date()),
};

const ENDLESS = 'it is nested too deeply, or calls itself without end';

class Bounded extends Interpreter {
  #nodes = 0;
  #depth = 0;
  /** Items of every list and object met, those inside included. */
  readonly #weights = new WeakMap<object, number>();

  override evaluate(statement: Statement, environment: Environment): Value {
    if (++this.#depth > LIMIT.depth) throw new Error(ENDLESS);
    try {
      return this.#evaluate(statement, environment);
    } finally {
      this.#depth--;
    }
  }

  #evaluate(statement: Statement, environment: Environment): Value {
    this.#count(1);
    if (statement?.type === 'FilterExpression') this.#checkIndent(statement as Node, environment);
    const value = super.evaluate(statement, environment);
    if (typeof value.value === 'string') {
      if (value.value.length > LIMIT.characters)
        throw tooMuch(said`a text of more than ${LIMIT.characters} characters`);
      this.#count(value.value.length >> 6);
    } else if (typeof value.value === 'object' && value.value !== null) {
      const fresh = !this.#weights.has(value);
      const weight = this.#weigh(value);
      // A loop over it costs more per item than a look into it.
      this.#count(fresh ? weight : Array.isArray(value.value) ? value.value.length >> 2 : 1);
    }
    return value;
  }

  #count(work: number): void {
    this.#nodes += work;
    if (this.#nodes > LIMIT.nodes) throw tooMuch(said`more than ${LIMIT.nodes} parts to work through`);
  }

  /** Throws when a list holds too much; lists that stand in others many times count every time, for so they are written. */
  #weigh(value: Value): number {
    const known = this.#weights.get(value);
    if (known !== undefined) return known;
    const { value: held } = value;
    const parts: Iterable<Value> = Array.isArray(held) ? held : held instanceof Map ? held.values() : [];
    // One that holds itself weighs nothing inside itself; writing it out ends at the depth of the stack.
    this.#weights.set(value, 1);
    let weight = 1;
    for (const part of parts) {
      weight += typeof part?.value === 'object' && part.value !== null ? this.#weigh(part) : 1;
      if (weight > LIMIT.items) throw tooMuch(said`a list of more than ${LIMIT.items} items`);
    }
    // A namespace changes, so that it is weighed anew each time.
    if (value.type === 'NamespaceValue') this.#weights.delete(value);
    else this.#weights.set(value, weight);
    return weight;
  }

  /** `indent` and `tojson(indent=…)` write as many spaces as they are told before anything can be counted. */
  #checkIndent({ filter }: Node, environment: Environment): void {
    const { args } = filter as { readonly args?: readonly Statement[] };
    for (const argument of args ?? []) {
      const { type, value } = argument as unknown as { readonly type: string; readonly value: Statement };
      const { value: found } = this.evaluate(type === 'KeywordArgumentExpression' ? value : argument, environment);
      if (typeof found === 'number' && found > LIMIT.indent) throw tooMuch(`an indent of more than ${LIMIT.indent}`);
    }
  }
}

/** Runs into the end of the stack as an error that says so: a macro that calls itself, or brackets in brackets. */
function shallow<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new Error(cause.message.includes('string length') ? 'a text is too long' : ENDLESS, { cause });
  }
}

const tooMuch = (what: Text) => new Error(`it asks for too much: ${what}`);

/** Names in English, as Python's in the C locale. */
function strftime(format: string, date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const named = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en', options).format(date);
  const parts: Readonly<Record<string, () => string>> = {
    Y: () => String(date.getFullYear()),
    y: () => two(date.getFullYear() % 100),
    m: () => two(date.getMonth() + 1),
    d: () => two(date.getDate()),
    B: () => named({ month: 'long' }),
    b: () => named({ month: 'short' }),
    A: () => named({ weekday: 'long' }),
    a: () => named({ weekday: 'short' }),
    H: () => two(date.getHours()),
    M: () => two(date.getMinutes()),
    S: () => two(date.getSeconds()),
    '%': () => '%',
  };
  return format.replace(/%(.)/g, (whole, code: string) => parts[code]?.() ?? whole);
}
