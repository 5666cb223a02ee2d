/**
 * From words to token ids, as lm-evaluation-harness hands them to a model: one space before a choice, none after a chat
 * template; a description before all, or said by the system; white space at the end of a context goes over to what follows; context and whole are tokenised apart, and the
 * continuation is what the whole has beyond the context. No special tokens are added: with them (dLLM's BERT evaluation)
 * the continuation would lose its first token to [CLS] and gain a [SEP].
 */
import type { ChatTemplate, Tokenizer } from '../checkpoint/model.ts';
import type { Pair } from './likelihood.ts';
import type { Doc } from './tasks.ts';

/** Words to be scored after words. */
export interface Request {
  readonly context: string;
  readonly continuation: string;
}

export interface Wording {
  readonly examples: readonly Doc[];
  readonly template?: ChatTemplate | undefined;
}

const BETWEEN_EXAMPLES = '\n\n';

/** What stands between a context and its answer. */
function delimiterAfter({ template }: Wording): string {
  return template === undefined ? ' ' : '';
}

/** A question as the model reads it: after description and examples, and in a conversation where it chats. */
export function contextOf(question: string, { examples, template }: Wording, description = ''): string {
  const asked = examples.map(shownOf).join('') + question;
  if (template === undefined) return description + asked;
  const system = description === '' ? [] : [{ role: 'system' as const, content: description }];
  return template.render([...system, { role: 'user', content: asked }], true);
}

/** An example with its answer. */
function shownOf(doc: Doc): string {
  switch (doc.kind) {
    case 'choices': {
      const context = doc.contexts[doc.contexts.length === 1 ? 0 : doc.gold];
      const answer = doc.choices[doc.choices.length === 1 ? 0 : doc.gold];
      return `${context} ${answer}${BETWEEN_EXAMPLES}`;
    }
    case 'word':
      // The word brings its space, and the harness puts another before every answer of an example.
      return `${doc.context}  ${doc.word}${BETWEEN_EXAMPLES}`;
    case 'write':
      return `${doc.prompt} ${doc.target}${BETWEEN_EXAMPLES}`;
    case 'text':
      return `${doc.text}${BETWEEN_EXAMPLES}`;
    case 'sample':
      return '';
  }
}

/** What is scored about a text of choices or a last word. */
export function requestsOf(doc: Doc & { kind: 'choices' | 'word' }, wording: Wording): Request[] {
  const space = delimiterAfter(wording);
  if (doc.kind === 'word') {
    return [{ context: contextOf(doc.context, wording), continuation: ` ${doc.word}` }];
  }
  const { contexts, choices, description } = doc;
  return Array.from({ length: Math.max(contexts.length, choices.length) }, (_, i) => ({
    context: contextOf(contexts[contexts.length === 1 ? 0 : i] as string, wording, description),
    continuation: space + choices[choices.length === 1 ? 0 : i],
  }));
}

/** Pieces of a context and of its continuation. */
export function encodePair(
  encode: (text: string) => readonly number[],
  { context, continuation }: Request,
): { readonly context: readonly number[]; readonly continuation: readonly number[] } {
  const kept = context.trimEnd();
  const moved = context.slice(kept.length) + continuation;
  const before = encode(kept);
  return { context: before, continuation: encode(kept + moved).slice(before.length) };
}

/**
 * The ids of a request for a model that reads `most` tokens: the beginning of a long context is left out. `opening` is
 * what a causal model begins with.
 */
export function pairOf(
  { encode }: Pick<Tokenizer, 'encode'>,
  request: Request,
  { opening, most }: { readonly opening: readonly number[]; readonly most: number },
): Pair {
  const plain = (text: string) => encode(text, { maskAsText: true });
  const { context, continuation } = encodePair(plain, request);
  // Where the last piece of the context takes in all of a short answer, the answer is cut on its own.
  const target = continuation.length > 0 ? continuation : plain(request.continuation);
  const room = Math.max(0, most - opening.length - target.length);
  return {
    prefix: [...opening, ...(room === 0 ? [] : context.slice(-room))],
    target: target.slice(0, most - opening.length),
  };
}
