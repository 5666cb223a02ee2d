/** What a training run tells whoever watches it: the page, the command line, a saved curve. Plain data. */
import type { Fit } from './fit.ts';
import type { PreferenceMeasure } from './preferring.ts';
import type { Sample } from './sample.ts';
import type { WrittenText } from './write-groups.ts';

export type EndReason = 'steps' | 'patience' | 'stopped' | 'not-finite' | 'device';

export type TrainEvent =
  | {
      /** After the step with this number, counted from 1. */
      readonly kind: 'step';
      readonly step: number;
      /** The objective's own, nats per token where it is a bound. */
      readonly loss: number;
      /** Global norm before clipping. */
      readonly gradNorm: number;
      readonly lr: number;
      /** Tokens read in this step, masked ones included. */
      readonly tokens: number;
      readonly milliseconds: number;
      readonly memory: { readonly tensors: number; readonly bytes: number };
      /** How the step was cut up so that it fitted. */
      readonly fit?: Fit | undefined;
      /** What an objective of pairs or of a reward knows of the batch. */
      readonly told?: Readonly<Record<string, number>>;
    }
  /** The texts that step `step` learns from, where the model writes them itself. */
  | { readonly kind: 'wrote'; readonly step: number; readonly texts: readonly WrittenText[] }
  | {
      /** The held-out texts after `step` steps; the same masks every time, so that two values may be compared. */
      readonly kind: 'evaluated';
      readonly step: number;
      /** Nats per token: an upper bound of −log p, exact for a causal model. Of edits: their loss per token. */
      readonly nelbo: number;
      readonly standardError: number;
      /** exp(nelbo); not of edits. */
      readonly perplexityBound?: number;
      /** Of an objective of pairs: the pairs that are held out. */
      readonly preference?: PreferenceMeasure;
    }
  /** A canvas written from a fixed seed, or a text repaired, after `step` steps. */
  | ({ readonly kind: 'sample'; readonly step: number } & Sample)
  | { readonly kind: 'saved'; readonly step: number }
  | { readonly kind: 'ended'; readonly step: number; readonly reason: EndReason };
