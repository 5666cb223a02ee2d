/**
 * Conversations as data sets hold them: lists of messages (OpenAI's role and content, ShareGPT's from and value), or one
 * question and one answer in columns of their own (Alpaca's instruction, input and output; prompt and completion). They
 * are written out as a text, each message after the name of who speaks.
 */
import { isObject, type Json } from '../../checkpoint/damage.ts';
import { readCell } from '../../text/python-literal.ts';

interface Message {
  readonly role: string;
  readonly content: string;
}

/** How an exchange or a list of messages becomes a text: written out, or as JSON for a chat template. */
export type Writing = 'words' | 'messages';

const ROLE_KEYS = ['role', 'from', 'speaker', 'sender', 'author', 'type'];
const CONTENT_KEYS = ['content', 'value', 'text', 'message', 'utterance'];

/** By the names that data sets use; another role keeps its own. */
const SPEAKERS: ReadonlyMap<string, string> = new Map([
  ...['user', 'human', 'prompter', 'question'].map((name) => [name, 'User'] as const),
  ...['assistant', 'gpt', 'chatgpt', 'bot', 'model', 'ai', 'answer'].map((name) => [name, 'Assistant'] as const),
  ['system', 'System'],
]);

/** Columns that make one exchange together, in the order in which they are said; the last is the answer. */
const EXCHANGES: readonly (readonly string[])[] = [
  ['instruction', 'input', 'output'],
  ['instruction', 'context', 'response'],
  ['instruction', 'output'],
  ['instruction', 'response'],
  ['prompt', 'completion'],
  ['prompt', 'response'],
  ['prompt', 'answer'],
  ['prompt', 'chosen'],
  ['question', 'answer'],
  ['question', 'response'],
  ['problem', 'solution'],
  ['query', 'response'],
  ['query', 'answer'],
  ['user', 'assistant'],
  ['human', 'assistant'],
  ['q', 'a'],
  ['input', 'output'],
];

/** The exchange that these columns make, if they make one. */
export function exchangeOf(columns: readonly string[]): readonly string[] | undefined {
  return EXCHANGES.find((wanted) => wanted.every((name) => columns.includes(name)));
}

/**
 * Question and answer of one row, each a text or a list of messages (as of preferences and of prompts in conversations);
 * undefined without an answer.
 */
export function writeExchange(parts: readonly unknown[], how: Writing = 'words'): string | undefined {
  const spoken = parts.map(messagesOf);
  const text = (at: number) => (typeof parts.at(at) === 'string' ? (parts.at(at) as string).trim() : '');
  const answer = spoken.at(-1) ?? [{ role: 'assistant', content: text(-1) }];
  if (answer.every(({ content }) => content.trim() === '')) return undefined;
  // A preferred answer often begins with the question.
  if (answer.some(({ role }) => speakerOf(role) === 'User')) return written(answer, how);
  const asked = spoken.slice(0, -1).map((messages, at) => messages ?? text(at));
  const texts = asked.filter((each): each is string => typeof each === 'string' && each !== '');
  const question = asked.some(Array.isArray)
    ? asked.flatMap((each) => (typeof each !== 'string' ? each : each === '' ? [] : [{ role: 'user', content: each }]))
    : [{ role: 'user', content: texts.join('\n') }];
  return written([...question, ...answer], how);
}

/** A list of messages as a text; undefined for anything else. */
export function writeConversation(value: unknown, how: Writing = 'words'): string | undefined {
  const messages = messagesOf(value);
  return messages && written(messages, how);
}

/** What `Writing` `messages` has written: system, user and assistant only, and an answer at the end. */
export function readMessages(text: string): readonly Spoken[] {
  return JSON.parse(text) as readonly Spoken[];
}

export interface Spoken {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

function written(messages: readonly Message[], how: Writing): string {
  if (how === 'messages') {
    const spoken = messages.flatMap(({ role, content }): Spoken[] => {
      const speaker = speakerOf(role).toLowerCase();
      if (speaker !== 'system' && speaker !== 'user' && speaker !== 'assistant') return [];
      return content.trim() === '' ? [] : [{ role: speaker, content: content.trim() }];
    });
    const last = spoken.findLastIndex(({ role }) => role === 'assistant');
    // Without an answer there is nothing to learn, and without a question nothing to answer.
    return last < 1 ? '' : JSON.stringify(spoken.slice(0, last + 1));
  }
  const said = messages.filter(({ content }) => content.trim() !== '');
  return said.map(({ role, content }) => [speakerOf(role), content.trim()].join(': ')).join('\n');
}

function speakerOf(role: string): string {
  const name = role.trim();
  return SPEAKERS.get(name.toLowerCase()) ?? name.slice(0, 1).toUpperCase() + name.slice(1);
}

function messagesOf(value: unknown): Message[] | undefined {
  if (isObject(value)) return messagesOf(lastBranch(value));
  const given = typeof value === 'string' && /^\s*\[\s*\{/.test(value) ? readCell(value) : value;
  if (!Array.isArray(given) || given.length === 0) return undefined;
  // Some wrap each conversation once more.
  const list: readonly unknown[] = given.every(Array.isArray) ? given.flat() : given;
  const messages = list.map(messageOf);
  if (!messages.every((each) => each !== undefined)) return undefined;
  return messages.flat().some(({ content }) => content.trim() !== '') ? messages.flat() : undefined;
}

/** Messages of a tree by their ids, as ChatGPT exports them: those down to the latest answer. */
function lastBranch(nodes: Json): unknown {
  const all = Object.values(nodes);
  if (all.length === 0 || !all.every((node) => isObject(node) && 'message' in node && Array.isArray(node['children'])))
    return undefined;
  const messages: unknown[] = [];
  let node = (all as Json[]).find(({ parent }) => parent === null || parent === undefined);
  // No more than there are: a damaged tree may run in a circle.
  for (let left = all.length; left > 0 && isObject(node); left--) {
    const message = node['message'];
    if (isObject(message) && isObject(message['author']) && isObject(message['content'])) {
      messages.push({ role: message['author']['role'], content: message['content']['parts'] });
    }
    node = nodes[String((node['children'] as unknown[]).at(-1))] as Json | undefined;
  }
  return messages;
}

/** One message, or several where an object names each speaker: { "human": …, "assistant": … }. */
function messageOf(value: unknown): Message[] | undefined {
  if (!isObject(value)) return undefined;
  const role = ROLE_KEYS.map((key) => value[key]).find(
    (each, at) => typeof each === 'string' && (ROLE_KEYS[at] !== 'type' || SPEAKERS.has(each.toLowerCase())),
  );
  const key = CONTENT_KEYS.find((each) => each in value);
  // One that only calls a tool says nothing.
  if (role !== undefined) return [{ role: role as string, content: key === undefined ? '' : contentOf(value[key]) }];
  const said = Object.entries(value).filter(([, content]) => typeof content === 'string');
  const known = said.length > 0 && said.every(([speaker]) => SPEAKERS.has(speaker.toLowerCase()));
  return known ? said.map(([speaker, content]) => ({ role: speaker, content: content as string })) : undefined;
}

/** Text of a message, or of its parts that are text. */
function contentOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const parts = content.map((part: unknown) =>
    isObject(part) ? textPart(part) : typeof part === 'string' ? part : '',
  );
  return parts.filter((part) => part !== '').join('\n');
}

const textPart = (part: Json): string => (typeof part['text'] === 'string' ? part['text'] : '');
