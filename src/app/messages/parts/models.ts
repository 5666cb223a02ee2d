/** What the Models dialog says. */
import { day, duration, hundredths, integer, megabytes, percent, say, short, significant, size } from '../format.ts';
import type { Words } from '../words.ts';

export const models = (w: Words['models']) => ({
  ...w,
  here: {
    ...w.here,
    stored: (bytes: number, date: Date) => say(w.here.stored, { bytes: size(bytes), date: day(date) }),
    partial: (have: number, bytes: number) => say(w.here.partial, { have: size(have), bytes: size(bytes) }),
    opponent: (have: number, bytes: number) =>
      say(have < bytes ? w.here.opponent.part : w.here.opponent.all, { have: size(have), bytes: size(bytes) }),
    onCard: (bytes: number) => say(w.here.onCard, { bytes: size(bytes) }),
    removeSure: (bytes: number) => say(w.here.removeSure, { bytes: size(bytes) }),
    nameOf: (action: string, name: string) => say(w.here.nameOf, { action, name }),
  },
  learnt: {
    ...w.learnt,
    none: (name: string) => say(w.learnt.none, { name }),
    read: (name: string, tokens: number, value: number) =>
      say(w.learnt.read, { name, tokens: short(tokens), value: hundredths(value) }),
  },
  hub: {
    ...w.hub,
    offered: w.hub.offered as Readonly<Record<string, string>>,
    looking: (id: string) => say(w.hub.looking, { id }),
    about: (id: string, parameters: number) => say(w.hub.about, { id, parameters: short(parameters) }),
    revision: (name: string, commit: string) => say(w.hub.revision, { name, commit: commit.slice(0, 7) }),
    size: (bytes: number, have: number) =>
      have >= bytes
        ? say(w.hub.size.here, { bytes: size(bytes) })
        : have > 0
          ? say(w.hub.size.rest, { bytes: size(bytes - have), have: size(have) })
          : say(w.hub.size.all, { bytes: size(bytes) }),
    onCard: (bytes: number) => say(w.hub.onCard, { bytes: size(bytes) }),
    noRoom: (free: number) => say(w.hub.noRoom, { free: size(free) }),
    obstacles: {
      ...w.hub.obstacles,
      buffer: (name: string, bytes: number, allowed: number) =>
        say(w.hub.obstacles.buffer, { name, bytes: size(bytes), allowed: size(allowed) }),
      memory: (_: string, bytes: number, allowed: number) =>
        say(w.hub.obstacles.memory, { bytes: size(bytes), allowed: size(allowed) }),
      heads: (_: string, dim: number, allowed: number) =>
        say(w.hub.obstacles.heads, { dim: integer(dim), allowed: integer(allowed) }),
    },
    instead: (precision: string) => say(w.hub.instead, { precision }),
    insteadLength: (tokens: number) => say(w.hub.insteadLength, { tokens }),
    takePrecision: (precision: string) => say(w.hub.takePrecision, { precision }),
  },
  fetch: {
    ...w.fetch,
    title: (name: string) => say(w.fetch.title, { name }),
    keeping: (name: string) => say(w.fetch.keeping, { name }),
    progress: (loaded: number, total: number) => say(w.fetch.progress, { loaded: size(loaded), total: size(total) }),
    rate: (bytes: number) => say(w.fetch.rate, { bytes: megabytes(bytes) }),
    left: (seconds: number) => say(w.fetch.left, { time: duration(seconds) }),
  },
  disk: {
    ...w.disk,
    chosen: (name: string, bytes: number) => say(w.disk.chosen, { name, bytes: size(bytes) }),
    missing: (names: string) => say(w.disk.missing, { names }),
    fromDisk: (name: string) => say(w.disk.fromDisk, { name }),
  },
  precision: {
    ...w.precision,
    sizes: (name: string) => say(w.precision.sizes, { name }),
    keep: (name: string, precision: string) => say(w.precision.keep, { name, precision }),
    measured: (
      model: string,
      bound: string,
      { kl, change, same }: { readonly kl: number; readonly change: number; readonly same: number },
    ) =>
      say(w.precision.measured, {
        model,
        kl: significant(kl),
        bound,
        change: `${change < 0 ? '−' : '+'}${significant(Math.abs(change))}`,
        same: percent(same),
      }),
    repaired: (
      texts: number,
      found: { readonly exact: number; readonly distance: number },
      stored: { readonly exact: number; readonly distance: number },
    ) =>
      say(w.precision.repaired, {
        texts: integer(texts),
        exact: integer(found.exact),
        storedExact: integer(stored.exact),
        distance: hundredths(found.distance),
        storedDistance: hundredths(stored.distance),
      }),
  },
  storage: {
    ...w.storage,
    used: (bytes: number) => (bytes === 0 ? w.storage.used.nothing : say(w.storage.used.some, { bytes: size(bytes) })),
    runs: (bytes: number) => say(w.storage.runs, { bytes: size(bytes) }),
    page: (bytes: number) => say(w.storage.page, { bytes: size(bytes) }),
    quota: (free: number) => say(w.storage.quota, { free: size(free) }),
  },
});
