/** The sentences of chatting: the conversation, where an answer ends, and the two lengths that bite. */
import { counted, integer } from './format.ts';

const tokens = (n: number) => counted(n, { one: 'token', other: 'tokens' });
const slots = (n: number) => counted(n, { one: 'slot', other: 'slots' });
const turns = (n: number) => counted(n, { one: 'turn', other: 'turns' });
const passes = (n: number) => counted(n, { one: 'forward pass', other: 'forward passes' });

export const chat = {
  conversation: 'Conversation',
  empty: 'Ask something. The answer will be written here.',
  turn: (n: number) => `Turn ${integer(n)}`,
  you: 'Question',
  answer: 'Answer',
  noAnswer: 'Nothing was answered.',
  message: 'Your message',
  sendHelp: 'Enter sends, Shift and Enter begins a new line.',
  send: 'Send',
  waiting: 'Waiting for the model',
  stop: 'Stop',
  stopping: 'Stopping',
  newChat: 'New chat',
  copy: 'Copy conversation',
  edit: 'Edit the question',
  editLabel: 'The question',
  askAgain: 'Ask this',
  cancel: 'Cancel',
  again: 'Another answer',
  againHelp: 'Answers the same question with another seed.',
  onlyOne: 'At temperature 0 the likeliest token is always taken, so another seed gives the same answer.',
  drawAt: (temperature: string) => `Draw at ${temperature}`,
  remove: 'Delete this turn',
  removeAt: (n: number) => `Delete turn ${integer(n)}`,
  removed: (n: number) => `${turns(n)} deleted: the model will not read ${n === 1 ? 'it' : 'them'} any more.`,
  bringBack: 'Bring back',
  read: 'What the model reads',
  readHelp: 'Shows the tokens before the answer: the whole conversation, as the chat template writes it.',
  system: 'System text',
  systemHelp: 'Stands before the whole conversation; models that were not trained with one may ignore it.',
  asDllm: 'As dLLM does',
  asDllmHelp: 'Length and steps 128, blocks of 32, temperature 0, the surest first, no guidance.',

  unneeded: 'not needed, the answer has ended',
  ended: (at: number, unneeded: number, saved: number | undefined) =>
    `The answer ended at slot ${integer(at)}. ${unneeded === 1 ? 'The slot behind it is' : `The ${slots(unneeded)} behind it are`} not needed: they would only be padding${
      saved === undefined ? '.' : `, and leaving them open saved ${passes(saved)}.`
    }`,
  full: (length: number) => `The answer filled its ${slots(length)}, so it may be cut off: ask for more.`,
  nearlyFull: (used: number, length: number) =>
    `The answer took ${integer(used)} of its ${slots(length)}: for longer ones, ask for more.`,
  askFor: (length: number) => `Length ${integer(length)}`,

  tooLong: (prompt: number, length: number, most: number, model: string) =>
    `The conversation has ${tokens(prompt)} and ${integer(length)} more are asked for, but ${model} reads at most ${integer(most)}.`,
  shorten: 'Shorten the message, or ask for fewer tokens.',
  pastTraining: (all: number, trained: number) =>
    `With its answer this conversation takes ${tokens(all)}. dLLM’s chat models were trained on at most ${integer(trained)}, so answers get worse from here.`,
  nearTraining: (all: number, trained: number) =>
    `With its answer this conversation takes ${tokens(all)}, near the ${integer(trained)} that dLLM’s chat models were trained on.`,
  dropOldest: 'Drop the oldest turns',

  noTemplate: (model: string) =>
    `These settings ask for a chat, but ${model} has no chat template: it was not trained on conversations.`,
  goOnInstead: 'Continue a text instead',
};
