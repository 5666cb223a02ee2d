/**
 * Everything that reads what others wrote: files to learn from, models, links, recorded runs. Each is given files that are
 * right and damaged ones; it answers or throws an `UnmaskError`. What it answers is used once, so that nonsense shows.
 */
import { readFileSync } from 'node:fs';
import { formatTrain, parseTrain } from '../../../app/session/train/address.ts';
import { openChatTemplate } from '../../../checkpoint/chat-template.ts';
import { parseConfig } from '../../../checkpoint/config.ts';
import { parseObject } from '../../../checkpoint/damage.ts';
import type { Message } from '../../../checkpoint/model.ts';
import { makePack, openPack } from '../../../checkpoint/pack.ts';
import { readHeader } from '../../../checkpoint/safetensors.ts';
import { memorySource } from '../../../checkpoint/sources.ts';
import { memoryDisk } from '../../../checkpoint/store/disk.ts';
import { Store } from '../../../checkpoint/store/store.ts';
import { openTokenizer } from '../../../checkpoint/tokenizer.ts';
import { UnmaskError } from '../../../diffusion/error.ts';
import { formatLink, parseLink } from '../../../diffusion/link.ts';
import { hubId, parseModel } from '../../../diffusion/model-id.ts';
import { decodeTree } from '../../../diffusion/trace-decode.ts';
import { encodeTree } from '../../../diffusion/trace-encode.ts';
import { type EvaluationRecord, fromHarness, toHarness, valuesOf } from '../../../evaluation/record.ts';
import { defaultEvaluation } from '../../../evaluation/settings.ts';
import { readTexts } from '../../../training/data/texts.ts';
import { freshSurroundings } from '../../../training/fresh.ts';
import { divide } from '../../../training/start.ts';
import { encoded, listOfTexts, MESSAGES, parquet, root, text, utf16 } from '../../../training/testing/files.ts';
import { defaultTrainSettings, parseTrainSettings } from '../../../training/train-settings.ts';
import { readRun, runDisk } from '../../../worker/train/run-store.ts';
import { type Bytes, damaged, damagedJson } from './damage.ts';
import type { Random } from './random.ts';

export interface Reader {
  readonly name: string;
  /** Makes what it starts from, where that takes more than a moment. */
  readonly prepare?: () => Promise<void>;
  /** An input, right or damaged. */
  make(random: Random): Bytes | string;
  /** Reads it. Whatever it throws but `UnmaskError` is a finding. */
  read(input: Bytes | string): Promise<void>;
}

const utf8 = (text: string): Bytes => new TextEncoder().encode(text) as Bytes;
const file = (path: string): Bytes => new Uint8Array(readFileSync(new URL(`../../../../${path}`, import.meta.url)));
const json = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8'));

/** A reader of bytes: now and then a whole one, mostly a damaged one. */
function ofBytes(name: string, bases: () => readonly Bytes[], read: (bytes: Bytes) => Promise<void>): Reader {
  let known: readonly Bytes[] | undefined;
  return {
    name,
    make: (random) => {
      known ??= bases();
      const base = random.pick(known);
      return random.below(50) === 0 ? base : damaged(base, known, random);
    },
    read: (input) => read(input as Bytes),
  };
}

/** A reader of JSON: its values are damaged, and one time in four its text. */
function ofJson(name: string, bases: () => readonly unknown[], read: (bytes: Bytes) => Promise<void>): Reader {
  let known: readonly unknown[] | undefined;
  return {
    name,
    make: (random) => {
      known ??= bases();
      const bytes = utf8(JSON.stringify(damagedJson(random.pick(known), random)) ?? '');
      return random.below(4) === 0 ? damaged(bytes, [bytes], random) : bytes;
    },
    read: (input) => read(input as Bytes),
  };
}

function ofText(name: string, bases: readonly string[], read: (text: string) => unknown): Reader {
  const bytes = bases.map(utf8);
  return {
    name,
    make: (random) => new TextDecoder().decode(damaged(random.pick(bytes), bytes, random)),
    read: async (input) => void (await read(input as string)),
  };
}

const must = (holds: boolean, what: string) => {
  if (!holds) throw new Error(what);
};

const SENTENCES = Array.from(
  { length: 12 },
  (_, i) => `The fox, number ${i}, ran to the "hill"; it slept until day ${i}.`,
);
const CHINESE = '从前有一只小狐狸，它住在山上的树林里。每天早上它都会去河边喝水。\n';
const CONVERSATION = [
  { role: 'user', content: 'Who ran to the hill?' },
  { role: 'assistant', content: 'The fox did.' },
];

/** Reads texts as a run would, and divides them: nothing that is kept back is learnt. */
async function texts(name: string, bytes: Bytes): Promise<void> {
  const { texts: found, columns, column } = await readTexts(memorySource(new Map([[name, bytes]]), 'here'), name);
  must(
    found.length > 0 && found.every((each) => typeof each === 'string' && each.trim() !== ''),
    'a text that is none',
  );
  must(column === undefined || (columns ?? []).includes(column), 'a column that is not offered');
  for (const each of columns?.slice(0, 20) ?? []) {
    const other = await readTexts(memorySource(new Map([[name, bytes]]), 'here'), name, { column: each });
    must(other.texts.length > 0, `a column that is offered and empty: ${each}`);
  }
  const { train, heldOut } = divide(defaultTrainSettings(), found);
  const learnt = new Set(train.map((each) => each.trim()));
  must(train.length > 0 && !heldOut.some((each) => learnt.has(each.trim())), 'a text on both sides');
}

const csv = () =>
  [',', ';', '\t', '::', '，'].flatMap((mark) => {
    const rows = SENTENCES.map((each, i) => [i, `"${each.replaceAll('"', '""')}"`, 'good'].join(mark));
    const chats = SENTENCES.map((each, i) =>
      [
        i,
        `"[{'role': 'user', 'content': 'Who\\'s there?'}\n {'role': 'assistant', 'content': ""${each.replaceAll('"', '')}""}]"`,
      ].join(mark),
    );
    return [
      utf8(`id${mark}text${mark}label\n${rows.join('\n')}\n`),
      utf8(`sep=${mark}\r\n${rows.join('\r\n')}`),
      utf8(`id${mark}messages\n${chats.join('\n')}\n`),
      utf8(`text${mark}more\n${rows.join('\n').replaceAll('""', '\\"').replaceAll('good', 'NaN')}\n`),
    ];
  });

const tables = () => {
  const rows = SENTENCES.map((each, i) => ({
    id: `id-${i}`,
    n: i,
    text: each,
    tags: ['a b', each],
    messages: CONVERSATION,
  }));
  const nested = { id: rows.map(({ id }) => id), messages: rows.map(({ messages }) => messages) };
  return [
    ...(['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'ZSTD', 'LZ4', 'LZ4_RAW'] as const).map((codec) =>
      parquet({ n: rows.map(({ n }) => n), text: rows.map((row) => row.text) }, { codec }),
    ),
    parquet(nested, { schema: [root(2), text('id'), ...MESSAGES] }),
    parquet(
      { tags: rows.map(({ tags }) => tags) },
      { codec: 'UNCOMPRESSED', schema: [root(1), ...listOfTexts('tags')] },
    ),
    parquet({ text: rows.map(({ id }) => id), also: rows.map((_, i) => (i % 3 ? 'the same words' : null)) }),
  ];
};

const jsonRows = () => [
  SENTENCES,
  SENTENCES.map((each, i) => ({ id: i, text: each })),
  { version: 1, data: SENTENCES.map((each) => ({ title: 'T', paragraphs: [{ context: each }] })) },
  SENTENCES.map(() => ({ id: 'c', messages: CONVERSATION })),
  SENTENCES.map((each) => ({ instruction: each, input: '', output: each })),
  { text: { ...SENTENCES }, label: { ...SENTENCES.map((_, i) => i) } },
];

const jsonLines = () =>
  jsonRows()
    .filter(Array.isArray)
    .map((rows) => utf8(rows.map((row) => JSON.stringify(row)).join('\n')));

const encodings = () => [
  ...['gb18030', 'euc-kr', 'shift_jis', 'big5'].map((encoding) =>
    encoded(encoding === 'gb18030' ? CHINESE.repeat(8) : 'abc, 日月.\n'.repeat(8), encoding),
  ),
  ...[0, 1, 2, 3].map((i) => utf16(i % 2 ? CHINESE.repeat(8) : SENTENCES.join('\n'), { big: i > 1, mark: i === 1 })),
  encoded(SENTENCES.join('\n').replaceAll('fox', 'Füchsin'), 'windows-1252'),
  utf8(CHINESE.repeat(8)),
  utf8(SENTENCES.join('\n\n')),
  ...[false, true].map((big) =>
    Uint8Array.of(...utf8(SENTENCES.join('\n')), 10, ...utf16(CHINESE.repeat(4), { big }), ...utf8(CHINESE)),
  ),
  ...['gb18030', 'euc-kr', 'windows-1251'].map((encoding) =>
    encoded(`${SENTENCES.join('\n')} ${{ gb18030: '北京市', 'euc-kr': '서울에' }[encoding] ?? 'Москва'}\n`, encoding),
  ),
];

/** The header of the shipped model alone; its data, of so many bytes, is never read. */
let DATA = 0;
const headers = () => {
  const whole = file('public/models/stories/model.safetensors');
  const length = Number(new DataView(whole.buffer).getBigUint64(0, true));
  DATA = whole.length - 8 - length;
  return [whole.slice(0, 8 + length)];
};

/** Vocabularies small enough to be built a thousand times a minute. */
async function tokenizers(): Promise<unknown[]> {
  const kinds = (['bpe', 'characters'] as const).map(async (tokenizer) => {
    const settings = { ...defaultTrainSettings(), tokenizer, vocabulary: 300 };
    const { around } = await freshSurroundings(SENTENCES, settings);
    return parseObject('tokenizer.json', around.get('tokenizer.json') as Uint8Array);
  });
  return Promise.all(kinds);
}

const settings = Object.fromEntries(Object.entries(defaultTrainSettings()).slice(0, 12));
const RECORD = {
  version: 1,
  id: 'abc',
  name: 'trained-1',
  created: 1_700_000_000_000,
  step: 4,
  settings,
  facts: {
    parameters: 5,
    vocabSize: 9,
    backend: 'wasm',
    device: '',
    trainRows: 1,
    trainTokens: 9,
    cut: false,
    preview: [],
  },
};
const JOURNAL = { points: [{ step: 1, loss: 2, gradNorm: 1 }], evaluations: [], samples: [] };

async function record(bytes: Bytes): Promise<void> {
  const disk = memoryDisk();
  const files = runDisk(disk, 'abc');
  await files.put('record.json', bytes);
  await files.put('journal.json', utf8(JSON.stringify(JOURNAL)));
  const run = await readRun(files);
  must(run.version === 1 && typeof run.settings === 'object', 'a record that is none');
}

const EVALUATION: EvaluationRecord = {
  model: 'toy',
  device: 'table',
  settings: { ...defaultEvaluation(), tasks: ['arc_easy', 'exact_match', 'quality'] },
  data: { arc_easy: 'here' },
  began: '2026-11-30T00:00:00.000Z',
  tasks: [
    {
      ...{ task: 'arc_easy', planned: 1, total: 2 },
      items: [
        {
          ...{ index: 0, id: 'a', target: 'b', gold: 0 },
          requests: [
            { context: 'say a', continuation: ' b', logLikelihood: -2, error: 0.1, tokens: 1, greedy: true },
            { context: 'say a', continuation: ' zz', logLikelihood: -9, error: 0.1, tokens: 2 },
          ],
          ...{ scores: { acc: 1, acc_norm: 1 }, chance: { acc: 0.5 } },
        },
      ],
    },
    {
      ...{ task: 'exact_match', planned: 1, total: 1 },
      items: [
        {
          index: 0,
          id: 'c',
          target: 'd',
          prompt: 'e',
          text: 'f',
          filtered: { none: 'f' },
          scores: { exact_match: 0 },
          chance: {},
        },
      ],
    },
    {
      ...{ task: 'quality', planned: 1, total: 1 },
      items: [
        {
          index: 0,
          id: 'g',
          target: '',
          prompt: 'h',
          text: 'i',
          ids: [1, 2],
          judged: [-1, -2],
          scores: { seconds: 1 },
          chance: {},
        },
      ],
    },
  ],
};

/** What a view does with it: every value of every task, and the record as a file again. */
function evaluation(bytes: Bytes): void {
  const read = fromHarness(JSON.parse(new TextDecoder().decode(bytes)), 'x.json');
  for (const task of read.tasks) {
    for (const { value, standardError } of valuesOf(task))
      must(
        [value, standardError].every((each) => typeof each === 'number'),
        'a value of no kind',
      );
    const words = task.items.flatMap(({ id, target, text = '' }) => [id, target, text]);
    must(
      words.every((word) => typeof word === 'string'),
      'words that are none',
    );
  }
  fromHarness(JSON.parse(JSON.stringify(toHarness(read))), 'x.json');
}

const TEMPLATES = [
  "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message.content | trim }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
  "{{ bos_token }}{% set ns = namespace(i=0) %}{% for m in messages %}{% if m.role not in ['user', 'assistant'] %}{{ raise_exception('Roles!') }}{% endif %}{% set ns.i = ns.i + loop.index0 %}{{ '[' ~ ns.i ~ ']' ~ m.content }}{% endfor %}",
  "{%- macro one(m, depth) -%}{{ m.content[:depth] | replace('a', 'aa') | upper }}{%- if depth > 0 -%}{{ one(m, depth - 1) }}{%- endif -%}{%- endmacro -%}{% for m in messages %}{{ one(m, 3) }}{% endfor %}{{ messages | tojson(indent=2) | indent(4) }}",
  "{% for i in range(0, 30, 3) %}{{ i * 2 ** 3 }}{% endfor %}{{ (messages | map(attribute='content') | list | join(', ')) * 3 }}{{ strftime_now('%Y') }}",
];

async function template(source: string): Promise<void> {
  const opened = await openChatTemplate('owner/name', {}, source);
  const text = opened?.render(CONVERSATION as Message[], true);
  must(typeof text === 'string', 'a conversation that is no text');
}

const vocabularies: unknown[] = [];
const packs: Bytes[] = [];

async function packOf(): Promise<Bytes> {
  const teacher = new Store(memoryDisk());
  const files = new Map(['config.json', 'model.safetensors'].map((name) => [name, utf8(`${name} `.repeat(40))]));
  const { key } = await teacher.put('class/tiny', memorySource(files, 'class/tiny'), [...files.keys()]);
  const page = { path: 'models/stories/config.json', bytes: utf8('{}'.repeat(40)) };
  const lessons = [{ title: 'One', link: '#/generate?v=2&seed=1' }];
  return new Uint8Array(await (await makePack(teacher, [key], [page], lessons)).arrayBuffer());
}

const LINKS = [
  '#/generate?v=2&seed=7&length=64&prompt=Once+upon+a+time&temperature=0.8&sampler=confidence',
  '#/generate?v=2&model=answerdotai%2FModernBERT-base%40deadbeefcafe&steps=16&schedule=drawn&curve=0,0.5,1',
  ...(json('src/diffusion/testing/links-v1.json') as { links: [string, unknown][] }).links.map(([old]) => old),
];

function link(text: string): void {
  const { settings: found, problems } = parseLink(text);
  must(
    problems.every((problem) => problem instanceof UnmaskError && problem.code !== 'internal'),
    'a problem of no kind',
  );
  const again = parseLink(formatLink(found)).settings;
  must(JSON.stringify(again) === JSON.stringify(found), 'a link that says something else the second time');
}

export const READERS: readonly Reader[] = [
  ofBytes('csv', csv, (bytes) => texts('a.csv', bytes)),
  ofBytes('tsv', csv, (bytes) => texts('a.tsv', bytes)),
  ofBytes('json-lines', jsonLines, (bytes) => texts('a.jsonl', bytes)),
  ofJson('json', jsonRows, (bytes) => texts('a.json', bytes)),
  ofBytes('encodings', encodings, (bytes) => texts('a.txt', bytes)),
  ofBytes('parquet', tables, (bytes) => texts('a.parquet', bytes)),
  ofBytes('safetensors', headers, async (bytes) => {
    const whole = memorySource(new Map([['model.safetensors', bytes]]), 'here');
    await readHeader({ ...whole, size: async () => bytes.length + DATA }, 'model.safetensors');
  }),
  ofJson(
    'config',
    () => [json('public/models/stories/config.json'), json('public/models/stories-ar/config.json')],
    async (bytes) => void parseConfig(bytes),
  ),
  ofText('link', LINKS, link),
  ofText(
    'hub-address',
    [
      'answerdotai/ModernBERT-base',
      'https://huggingface.co/owner/name/tree/main/folder',
      'hf.co/owner/name@0123456789abcdef',
      'owner/name/blob/refs%2Fpr%2F1/config.json?x=1#L3',
    ],
    (text) => {
      const id = hubId(text);
      must(id === undefined || /^[\w.-]+(\/[\w.-]+)?$/.test(id), `an address of no model: ${id}`);
      parseModel(text);
    },
  ),
  ofText(
    'train-address',
    [
      'v=3&check=1-abc&steps=300&lr=0.0003&objective=mdlm&rows=blocks&curve=0,0.5,1',
      'v=2&data=wikitext-2&init=owner%2Fname&batch=8&warmup=0.1&valid=my+file.txt',
      formatTrain({ ...defaultTrainSettings(), steps: 70, init: 'fresh', objective: 'ten-rates' }),
    ],
    (text) => {
      const { settings: found } = parseTrain(text);
      must(found.valid === '', 'a file of its own in an address');
      const again = parseTrain(formatTrain(found)).settings;
      must(JSON.stringify(again) === JSON.stringify(found), 'an address that says something else the second time');
    },
  ),
  ofText('train-settings', ['steps=300&lr=0.0003&objective=mdlm&rows=blocks&curve=0,0.5,1'], (text) => {
    parseTrainSettings(Object.fromEntries(new URLSearchParams(text)));
  }),
  ofJson(
    'trace',
    () => [json('public/recorded/first.json'), json('src/diffusion/testing/trace-v1.json')],
    async (bytes) => {
      const tree = decodeTree(new TextDecoder().decode(bytes));
      decodeTree(encodeTree(tree));
    },
  ),
  ofJson('run-record', () => [RECORD], record),
  ofJson(
    'evaluation',
    () => [JSON.parse(JSON.stringify(toHarness(EVALUATION)))],
    async (bytes) => {
      try {
        evaluation(bytes);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error; // no JSON, which the command line says before
      }
    },
  ),
  ofText('chat-template', TEMPLATES, template),
  {
    ...ofJson(
      'tokenizer',
      () => vocabularies,
      async (bytes) => {
        const opened = openTokenizer(parseObject('tokenizer.json', bytes));
        opened.decode(opened.encode('A small fox ran to the "hill"; it slept. '.repeat(20)));
      },
    ),
    prepare: async () => void vocabularies.push(...(await tokenizers())),
  },
  {
    ...ofBytes(
      'pack',
      () => packs,
      async (bytes) => {
        const opened = await openPack(new Store(memoryDisk()), new Blob([bytes]), async () => undefined);
        const sound = opened.lessons.every(
          ({ title, link: to }) => typeof title === 'string' && typeof to === 'string',
        );
        must(sound, 'a lesson of no kind');
      },
    ),
    prepare: async () => void packs.push(await packOf()),
  },
];
