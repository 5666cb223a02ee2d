/**
 * What the page says, in the language it is in. `m` changes with the language: read it where a sentence is said, and
 * never keep a part of it in a constant of a module.
 */
import { formatIn } from './format.ts';
import { firstIn, type Language, viewsIn } from './languages.ts';
import { access } from './parts/access.ts';
import { adapters } from './parts/adapters.ts';
import { align } from './parts/align.ts';
import { bench } from './parts/bench.ts';
import { chat } from './parts/chat.ts';
import { classroom } from './parts/classroom.ts';
import { compare } from './parts/compare.ts';
import { core } from './parts/core.ts';
import { evaluate } from './parts/evaluate.ts';
import { hood } from './parts/hood.ts';
import { links } from './parts/links.ts';
import { models } from './parts/models.ts';
import { odd } from './parts/odd.ts';
import { offline } from './parts/offline.ts';
import { processes } from './parts/processes.ts';
import { scheduleView } from './parts/scheduleView.ts';
import { shortcuts } from './parts/shortcuts.ts';
import { steering } from './parts/steering.ts';
import { takeaway } from './parts/takeaway.ts';
import { teach } from './parts/teach.ts';
import { train } from './parts/train.ts';
import { type FirstWords, setWords, type ViewWords } from './words.ts';

const firstMessages = (w: FirstWords) => ({
  ...core(w.core),
  ...steering(w.steering),
  chat: chat(w.chat),
  figures: w.figures,
  links: links(w.links),
  offline: offline(w.offline),
});

const viewMessages = (w: ViewWords) => ({
  access: access(w.access),
  adapters: adapters(w.adapters),
  align: align(w.align),
  bench: bench(w.bench),
  classroom: classroom(w.classroom),
  compare: compare(w.compare),
  evaluate: evaluate(w.evaluate),
  explain: w.explain,
  hood: hood(w.hood),
  odd: odd(w.odd),
  ...processes(w.processes),
  models: models(w.models),
  scheduleView: scheduleView(w.scheduleView),
  shortcuts: shortcuts(w.shortcuts),
  takeaway: takeaway(w.takeaway),
  teach: teach(w.teach),
  train: train(w.train),
});

export type Messages = ReturnType<typeof firstMessages> & ReturnType<typeof viewMessages>;

/** What `viewMessages` gives is in it once `speakInViews` has ended, which every view beside Generate waits for. */
export let m: Messages;

let spoken: Language | undefined;
let inViews = false;

/** Loads a language and speaks it from now on. Rejects where its file can not be fetched; the page stays as it was. */
export async function speak(language: Language): Promise<void> {
  const [first, more] = await Promise.all([firstIn(language), inViews ? viewsIn(language) : undefined]);
  formatIn(language);
  setWords(first);
  spoken = language;
  m = { ...firstMessages(first), ...(more ? viewMessages(more) : {}) } as Messages;
}

/** Loads what the views beside Generate say, and from now on with every language. Rejects as `speak` does. */
export async function speakInViews(): Promise<void> {
  while (!inViews) {
    const language = spoken;
    if (!language) throw new Error('No language is spoken yet');
    const more = await viewsIn(language);
    // Another language may have come meanwhile.
    if (language !== spoken) continue;
    m = { ...m, ...viewMessages(more) };
    inViews = true;
  }
}
