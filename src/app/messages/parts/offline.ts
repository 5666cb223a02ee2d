/** Use without a network, new versions of the page, and classroom packs. */
import { duration, say, size } from '../format.ts';
import type { Words } from '../words.ts';

export const offline = (w: Words['offline']) => ({
  ...w,
  progress: (have: number, total: number) => say(w.progress, { have: size(have), total: size(total) }),
  pack: {
    ...w.pack,
    app: (bytes: number) => say(w.pack.app, { bytes: size(bytes) }),
    model: (name: string, bytes: number) => say(w.pack.model, { name, bytes: size(bytes) }),
    make: (bytes: number) => say(w.pack.make, { bytes: size(bytes) }),
    save: (bytes: number) => say(w.pack.save, { bytes: size(bytes) }),
    progress: {
      of: (done: number, total: number, secondsLeft: number | undefined) =>
        secondsLeft === undefined
          ? say(w.pack.progress.bytes, { done: size(done), total: size(total) })
          : say(w.pack.progress.left, { done: size(done), total: size(total), time: duration(secondsLeft) }),
    },
    takenModels: (models: readonly string[]) => say(w.pack.taken, { models: models.join(w.pack.and) }),
    keptModels: (models: readonly string[]) => say(w.pack.kept, { models: models.join(w.pack.and) }),
    badLesson: (line: string) => say(w.pack.badLesson, { line }),
  },
});
