/** What the view under the hood says. */
import { counted, day, integer, percent, say, scientific, significant, size } from '../format.ts';
import { checks, rows, steps, tokens } from '../units.ts';
import type { Words } from '../words.ts';

export const hood = (w: Words['hood']) => ({
  ...w,
  device: {
    ...w.device,
    instead: (backend: string, device: string) => say(w.device.instead, { backend, device }),
    featureHelp: w.device.featureHelp as Record<string, string>,
    limitHelp: w.device.limitHelp as Record<string, string>,
    bytes: (bytes: number) => (bytes < 1e6 ? say(w.device.bytes, { bytes: integer(bytes / 1024) }) : size(bytes)),
    count: integer,
    model: (name: string, bytes: number) => say(w.device.model, { bytes: size(bytes), name }),
    work: (bytes: number) => say(w.device.work, { bytes: size(bytes) }),
    choice: (most: number, measured: boolean) =>
      say(w.device.choice.text, {
        rows: rows(most),
        measured: measured ? w.device.choice.measured : w.device.choice.usual,
      }),
    roles: w.device.roles as Record<string, string>,
  },
  test: {
    ...w.test,
    columns: w.test.columns as unknown as readonly [string, string, string, string],
    running: (done: number) => say(w.test.running, { checks: checks(done) }),
    passed: (software: boolean) => (software ? w.test.passed.software : w.test.passed.gpu),
    differs: (software: boolean) => (software ? w.test.differs.software : w.test.differs.gpu),
    outcome: (n: number, failed: number, date: Date) =>
      failed === 0
        ? say(w.test.outcome.all, { checks: checks(n), date: day(date) })
        : say(w.test.outcome.some, { failed, checks: checks(n), date: day(date) }),
    trials: w.test.trials as Record<string, string>,
    tokens,
    tile: (name: string) => say(w.test.tile, { name }),
    /** What was found, and what is allowed. */
    found: (value: number) => (Number.isNaN(value) ? w.test.found : scientific(value)),
    allowed: (value: number) => say(w.test.allowed, { value: scientific(value) }),
  },
  times: {
    ...w.times,
    columns: w.times.columns as unknown as readonly [string, string, string, string, string],
    onCanvas: (n: number) => say(w.times.onCanvas, { tokens: tokens(n) }),
    tokens,
    whole: (milliseconds: number) => say(w.times.whole, { milliseconds: significant(milliseconds) }),
    sum: (milliseconds: number, dispatches: number) =>
      say(w.times.sum, {
        milliseconds: significant(milliseconds),
        dispatches: counted(dispatches, w.times.dispatches),
      }),
    where: (model: string, length: number, device: string) =>
      say(w.times.where, { model, tokens: tokens(length), device }),
    rounds: (rounds: number) => say(w.times.rounds.text, { rounds: counted(rounds, w.times.rounds.rounds) }),
    dispatches: (n: number) => counted(n, w.times.dispatches),
    number: significant,
    share: percent,
    lastRun: (made: number, milliseconds: number, backend: string) =>
      say(w.times.lastRun, { steps: steps(made), milliseconds: significant(milliseconds), backend }),
    elsewhere: (backend: string) => say(w.times.elsewhere, { backend }),
  },
  kernels: { ...w.kernels, files: (kernel: string) => say(w.kernels.files, { kernel }) },
});
