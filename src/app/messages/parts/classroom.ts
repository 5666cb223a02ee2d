/** What a teacher needs: links to lessons, what goes into another page, packs, and the hub of a class. */
import { counted, duration, integer, say, size } from '../format.ts';
import type { Words } from '../words.ts';

export const classroom = (w: Words['classroom']) => ({
  ...w,
  teacher: {
    ...w.teacher,
    textHelp: (most: number) => say(w.teacher.textHelp, { most: integer(most) }),
    momentHelp: (step: number) => say(w.teacher.moment[1], { step: integer(step) }),
    chapter: (view: string, n: number) => say(w.teacher.chapter, { view, n: integer(n) }),
    size: (n: number) => counted(n, w.teacher.size),
    long: (most: number) => say(w.teacher.long, { most: integer(most) }),
    qrLong: (most: number) => say(w.teacher.qrLong, { most: integer(most) }),
  },
  totals: { ...w.totals, count: (n: number) => counted(n, w.totals.count) },
  scorm: { ...w.scorm, failed: (reason: string) => say(w.scorm.failed, { reason }) },
  hub: {
    ...w.hub,
    title: (hub: string) => say(w.hub.title, { hub: hub.replace(/^https?:[/][/]/, '') }),
    size: (bytes: number) => say(w.hub.size, { bytes: size(bytes) }),
    count: (n: number) => counted(n, w.hub.count),
  },
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
    broken: (lessons: readonly string[]) => say(w.pack.broken, { lessons: lessons.join(w.pack.and) }),
    noView: (view: string) => say(w.pack.noView, { view }),
    badLesson: (line: string) => say(w.pack.badLesson, { line }),
  },
});
