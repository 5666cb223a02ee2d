/**
 * What the page says, in the language it is in. `m` changes with the language: read it where a sentence is said, and
 * never keep a part of it in a constant of a module.
 */
import { formatIn } from './format.ts';
import { LANGUAGES, type Language } from './languages.ts';
import { bench } from './parts/bench.ts';
import { chat } from './parts/chat.ts';
import { compare } from './parts/compare.ts';
import { core } from './parts/core.ts';
import { explain } from './parts/explain.ts';
import { hood } from './parts/hood.ts';
import { links } from './parts/links.ts';
import { models } from './parts/models.ts';
import { offline } from './parts/offline.ts';
import { scheduleView } from './parts/scheduleView.ts';
import { steering } from './parts/steering.ts';
import { takeaway } from './parts/takeaway.ts';
import { train } from './parts/train.ts';
import { setWords, type Words } from './words.ts';

const messagesOf = (w: Words) => ({
  ...core(w.core),
  ...steering(w.steering),
  bench: bench(w.bench),
  chat: chat(w.chat),
  compare: compare(w.compare),
  explain: explain(w.explain),
  figures: w.figures,
  hood: hood(w.hood),
  links: links(w.links),
  models: models(w.models),
  offline: offline(w.offline),
  scheduleView: scheduleView(w.scheduleView),
  takeaway: takeaway(w.takeaway),
  train: train(w.train),
});

export type Messages = ReturnType<typeof messagesOf>;

export let m: Messages;

/** Loads a language and speaks it from now on. Rejects where its file can not be fetched; the page stays as it was. */
export async function speak(language: Language): Promise<void> {
  const texts = await LANGUAGES[language].load();
  formatIn(language);
  setWords(texts);
  m = messagesOf(texts);
}
