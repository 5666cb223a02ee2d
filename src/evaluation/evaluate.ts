/**
 * Asks a model the items of a task, one after the other, and gives each with its scores. What an item draws is a function
 * of seed and row alone, so an evaluation that was stopped goes on with the answers it would have had.
 */
import { endIds } from '../checkpoint/end-ids.ts';
import type { Model } from '../checkpoint/model.ts';
import { openingOf, promptIds } from '../checkpoint/prompt.ts';
import { replyOf } from '../checkpoint/reply.ts';
import { continueCanvas, Slot } from '../diffusion/canvas.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { generate } from '../diffusion/generate.ts';
import type { Network } from '../diffusion/network.ts';
import { applyStep } from '../diffusion/replay.ts';
import type { Settings } from '../diffusion/settings.ts';
import { isGreedy, type Likelihoods, logLikelihoods } from './likelihood.ts';
import type { Answered, Item, TaskRecord } from './record.ts';
import { contextOf, pairOf, requestsOf, type Wording } from './requests.ts';
import type { EvaluationSettings } from './settings.ts';
import { type Doc, docsOf, type Row, TASKS, type TaskName } from './tasks.ts';

/** A model in place: what its words are, and who answers for it. */
export interface Subject {
  readonly model: Pick<Model, 'id' | 'arch' | 'tokenizer' | 'chatTemplate'>;
  readonly network: Network;
}

interface Asking {
  readonly settings: EvaluationSettings;
  /** Shown before the question. */
  readonly examples: readonly Doc[];
  /** An autoregressive model that says how likely written texts are. */
  readonly judge?: Subject | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Throws `UnmaskError` code `settings` for a model that cannot be asked so. */
function checkSubject({ model, network }: Subject, { chat }: EvaluationSettings): void {
  if (!network.info.causal && network.info.maskId === undefined) {
    const message = 'This model has no mask token, so its text has no masked likelihood.';
    throw new UnmaskError({ code: 'canvas', message, remedy: 'Choose a masked model, such as stories.' });
  }
  if (chat && model.chatTemplate === undefined) {
    const message = 'This model has no chat template, so it cannot hold a conversation.';
    throw new UnmaskError({
      code: 'settings',
      message,
      remedy: 'Ask without the chat template, or choose a chat model.',
    });
  }
}

/** Asks one item. Throws what the network throws, or the signal's reason. */
async function askItem(subject: Subject, { index, doc }: { index: number; doc: Doc }, asking: Asking): Promise<Item> {
  switch (doc.kind) {
    case 'choices':
      return { index, ...(await askChoices(subject, index, doc, asking)) };
    case 'word':
      return { index, ...(await askWord(subject, index, doc, asking)) };
    case 'text':
      return { index, ...(await askText(subject, index, doc, asking)) };
    case 'write':
      return { index, ...(await askAnswer(subject, index, doc, asking)) };
    case 'sample':
      return { index, ...(await askSample(subject, index, doc, asking)) };
  }
}

type DocOf<K extends Doc['kind']> = Doc & { readonly kind: K };
type Asked = Omit<Item, 'index'>;

/** Draws of different rows are apart. */
function likelihoodsOf({ samples, batch, exact, seed, writing }: EvaluationSettings, index: number): Likelihoods {
  // Who writes in blocks is scored in them; of block 0 there is one.
  const block = writing.process === 'blocks' && writing.block > 0 ? writing.block : undefined;
  return { samples, batch, exact, block, seed: (seed + Math.imul(index, 0x9e3779b1)) >>> 0 };
}

function wordingOf({ model }: Subject, { settings, examples }: Asking): Wording {
  return { examples, ...(settings.chat && model.chatTemplate && { template: model.chatTemplate }) };
}

async function answersTo(
  subject: Subject,
  index: number,
  doc: DocOf<'choices' | 'word'>,
  asking: Asking,
  greedy: boolean,
): Promise<Answered[]> {
  const { model, network } = subject;
  const how = likelihoodsOf(asking.settings, index);
  const requests = requestsOf(doc, wordingOf(subject, asking));
  const pairs = requests.map((request) => {
    const opening = openingFor(subject, request.context);
    return pairOf(model.tokenizer, request, { opening, most: network.info.maxLength });
  });
  const likelihoods = await logLikelihoods(network, pairs, how, asking.signal);
  const answers: Answered[] = [];
  for (const [i, request] of requests.entries()) {
    const pair = pairs[i] as (typeof pairs)[number];
    const { value, error } = likelihoods[i] as (typeof likelihoods)[number];
    const checked = greedy ? { greedy: await isGreedy(network, pair, how, asking.signal) } : {};
    answers.push({ ...request, logLikelihood: value, error, tokens: pair.target.length, ...checked });
  }
  return answers;
}

/** What a causal model reads before a text. */
function openingFor({ model, network }: Subject, text: string): readonly number[] {
  return network.info.causal ? openingOf(model, text === '' ? [] : [0]) : [];
}

async function askChoices(subject: Subject, index: number, doc: DocOf<'choices'>, asking: Asking): Promise<Asked> {
  const requests = await answersTo(subject, index, doc, asking, false);
  const values = requests.map(({ logLikelihood }) => logLikelihood);
  const { id, choices, gold } = doc;
  const lengths = requests.map((_, i) => [...(choices[choices.length === 1 ? 0 : i] as string)].length);
  const chance = 1 / requests.length;
  return {
    id,
    target: choices[choices.length === 1 ? 0 : gold] as string,
    gold,
    requests,
    scores: multipleChoice(values, lengths, gold),
    chance: { acc: chance, acc_norm: chance },
  };
}

/** The harness's scores: the first of the likeliest choices, by itself and per character of it (without the space before). */
export function multipleChoice(logLikelihoods: readonly number[], lengths: readonly number[], gold: number) {
  const perCharacter = logLikelihoods.map((value, i) => value / (lengths[i] as number));
  return { acc: Number(best(logLikelihoods) === gold), acc_norm: Number(best(perCharacter) === gold) };
}

function best(values: readonly number[]): number {
  return values.reduce((at, value, i) => (value > (values[at] as number) ? i : at), 0);
}

async function askWord(subject: Subject, index: number, doc: DocOf<'word'>, asking: Asking): Promise<Asked> {
  const requests = await answersTo(subject, index, doc, asking, true);
  const [{ logLikelihood, greedy = false, tokens }] = requests as [Answered];
  const guess = -tokens * Math.log(words(subject));
  return {
    id: doc.id,
    target: doc.word,
    requests,
    scores: { logLikelihood, acc: Number(greedy) },
    chance: { logLikelihood: guess, acc: Math.exp(guess) },
  };
}

/** Tokens that can stand in a text. */
function words({ network: { info } }: Subject): number {
  return info.vocabSize - (info.maskId === undefined ? 0 : 1);
}

async function askText(subject: Subject, index: number, doc: DocOf<'text'>, asking: Asking): Promise<Asked> {
  const { model, network } = subject;
  const opening = openingFor(subject, '');
  const all = model.tokenizer.encode(doc.text, { maskAsText: true });
  const size = network.info.maxLength - opening.length;
  // What is longer than the model reads is measured in parts.
  const parts = Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
  const pairs = parts.map((target) => ({ prefix: opening, target }));
  const found = await logLikelihoods(network, pairs, likelihoodsOf(asking.settings, index), asking.signal);
  const nats = -found.reduce((sum, { value }) => sum + value, 0);
  const unscored = network.info.causal && opening.length === 0 ? parts.length : 0;
  const tokens = all.length - unscored;
  const sizes = { tokens, characters: [...doc.text].length, bytes: new TextEncoder().encode(doc.text).length };
  const guess = tokens * Math.log(words(subject));
  return {
    id: doc.id,
    target: doc.text,
    scores: { nats, bits: nats / Math.LN2, ...sizes, error: Math.hypot(...found.map(({ error }) => error)) },
    chance: { nats: guess, bits: guess / Math.LN2, ...sizes },
  };
}

interface Written {
  readonly ids: readonly number[];
  readonly text: string;
  /** Of the texts before their ends: tokens, passes, seconds. */
  readonly scores: { readonly tokens: number; readonly forwards: number; readonly seconds: number };
}

/** Writes what follows a question, and makes every pass anew: what is timed must not come from memory. */
async function write(
  { model, network }: Subject,
  prompt: string,
  settings: Settings,
  signal?: AbortSignal,
): Promise<Written> {
  const { tokenizer, arch, chatTemplate } = model;
  const { maskId, maxLength, causal } = network.info;
  const plain = promptIds({ ...settings, prompt }, tokenizer, chatTemplate, maskId);
  const opening = causal && settings.mode !== 'chat' ? openingOf(model, plain) : [];
  const room = maxLength - settings.length - opening.length;
  if (room < 0) {
    const message = 'The answer is longer than the model reads.';
    throw new UnmaskError({ code: 'settings', message, remedy: 'Choose a smaller length.' });
  }
  const start = continueCanvas([...opening, ...(room === 0 ? [] : plain.slice(-room))], settings.length, maskId);
  let canvas = start;
  let [forwards, milliseconds] = [0, 0];
  for await (const step of generate(network, start, settings, { signal, fresh: true })) {
    canvas = applyStep(canvas, step, maskId);
    forwards += step.forwards;
    milliseconds += step.milliseconds;
  }
  signal?.throwIfAborted();
  const done = [...canvas.ids].filter((_, place) => canvas.states[place] === Slot.Revealed);
  const { sep } = arch.ids;
  const ends = new Set([...endIds(arch), ...(sep === undefined ? [] : [sep])]);
  const end = done.findIndex((id) => ends.has(id));
  const ids = end < 0 ? done : done.slice(0, end);
  const text = settings.mode === 'chat' ? replyOf(done, model).text : tokenizer.decode(ids);
  return { ids, text, scores: { tokens: ids.length, forwards, seconds: milliseconds / 1000 } };
}

function writingOf({ writing, chat, seed }: EvaluationSettings, index: number): Settings {
  return { ...writing, mode: chat ? 'chat' : 'continue', system: '', turns: '', seed: (seed + index) >>> 0 };
}

async function askAnswer(subject: Subject, index: number, doc: DocOf<'write'>, asking: Asking): Promise<Asked> {
  const prompt = contextOf(doc.prompt, { examples: asking.examples });
  const written = await write(subject, prompt, writingOf(asking.settings, index), asking.signal);
  const ends = doc.until.map((until) => written.text.indexOf(until)).filter((at) => at >= 0);
  const text = written.text.slice(0, Math.min(written.text.length, ...ends));
  const { filtered, scores } = doc.judge(text);
  const chance = Object.fromEntries(CHANCELESS.filter((name) => name in scores).map((name) => [name, 0]));
  return {
    id: doc.id,
    target: doc.target,
    prompt,
    text,
    filtered,
    scores: { ...scores, ...written.scores },
    chance,
  };
}

/** Nobody guesses these answers by writing at random. */
const CHANCELESS = ['strict', 'flexible', 'exact_match', 'boxed'];

async function askSample(subject: Subject, index: number, doc: DocOf<'sample'>, asking: Asking): Promise<Asked> {
  const { settings, judge, signal } = asking;
  // Many texts of one prompt are wanted to differ.
  const writing = writingOf(settings, index);
  const { ids, text, scores } = await write(subject, doc.prompt, writing, signal);
  const judged = judge && (await judgedTokens(judge, doc.prompt, text));
  return { id: doc.id, target: '', prompt: doc.prompt, text, ids, ...(judged && { judged }), scores, chance: {} };
}

/** log p of the tokens that a judge cuts the text into, given the prompt, nats. */
async function judgedTokens(judge: Subject, prompt: string, text: string): Promise<number[]> {
  const opening = openingFor(judge, prompt);
  const { maxLength } = judge.network.info;
  const { prefix, target } = pairOf(
    judge.model.tokenizer,
    { context: prompt, continuation: text },
    { opening, most: maxLength },
  );
  const ids = Int32Array.from([...prefix, ...target]);
  const asked = Int32Array.from(target, (_, i) => prefix.length + i).filter((slot) => slot > 0);
  if (asked.length === 0) return [];
  const [scores] = await judge.network.score([{ ids, asked }], [asked.map((slot) => ids[slot] as number)]);
  return [...(scores as Float32Array)];
}

/** The rows of one task; null where one is not needed. */
export interface TaskRows {
  readonly task: TaskName;
  readonly rows: readonly (Row | null)[];
}

/** Items of all tasks that are still to be asked, with what is shown before them. Throws `UnmaskError` code `data`. */
export function planOf(tasks: readonly TaskRows[], settings: EvaluationSettings, done: readonly TaskRecord[] = []) {
  return tasks.map(({ task, rows }) => {
    const { asked, needed, total } = docsOf(TASKS[task], rows, settings);
    const items = done.find((each) => each.task === task)?.items ?? [];
    const known = new Set(items.map(({ index }) => index));
    return {
      task,
      total,
      planned: asked.length,
      needed,
      items,
      open: asked.filter(({ index }) => !known.has(index)),
    };
  });
}

export type EvaluationPlan = ReturnType<typeof planOf>;

/** Asks what is open, task by task. Throws what the network throws, or the signal's reason. */
export async function* evaluate(
  subject: Subject,
  plan: EvaluationPlan,
  { settings, judge, signal }: Omit<Asking, 'examples'>,
): AsyncGenerator<{ readonly task: TaskName; readonly item: Item }, void> {
  checkSubject(subject, settings);
  for (const { task, open } of plan) {
    for (const each of open) {
      signal?.throwIfAborted();
      const { examples } = each;
      yield { task, item: await askItem(subject, each, { settings, examples, judge, signal }) };
    }
  }
}
