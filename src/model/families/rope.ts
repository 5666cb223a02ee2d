/**
 * Rotary positions as configurations describe them: `rope_parameters` of transformers 5 (flat, or one for each kind of
 * layer), `rope_theta` and `rope_scaling` of transformers 4. Meanings follow Hugging Face's modeling_rope_utils.py.
 */
import { said } from '../../text/said.ts';
import type { Rotary } from '../arch.ts';
import { isObject, type Json, quote, real, whole } from '../json.ts';
import { Refusal } from '../refusal.ts';

export interface Positions {
  readonly rotary: Rotary;
  readonly maxLength: number;
}

/** `kind`: which entry counts where rope_parameters has one for each kind of layer. Throws `Refusal`. */
export function readPositions(
  json: Json,
  fallback: { readonly theta: number; readonly maxLength: number },
  kind = 'full_attention',
): Positions {
  const maxLength = whole(json, 'max_position_embeddings', fallback.maxLength, 1, 2 ** 21);
  const given = json['rope_parameters'] ?? json['rope_scaling'] ?? {};
  if (!isObject(given)) throw new Refusal(said`rope_parameters is ${quote(given)} instead of an object.`);
  const entry = given[kind] ?? given;
  if (!isObject(entry)) throw new Refusal(said`rope_parameters of ${kind} is ${quote(entry)} instead of an object.`);
  const part = entry['partial_rotary_factor'] ?? json['partial_rotary_factor'] ?? 1;
  if (part !== 1) throw new Refusal(said`partial_rotary_factor is ${quote(part)}; Unmask rotates whole heads only.`);
  const theta =
    entry['rope_theta'] === undefined
      ? real(json, 'rope_theta', fallback.theta, Number.MIN_VALUE, 1e12)
      : real(entry, 'rope_theta', 0, Number.MIN_VALUE, 1e12);
  return scaled(entry, theta, maxLength);
}

function scaled(entry: Json, theta: number, maxLength: number): Positions {
  const type = entry['rope_type'] ?? entry['type'] ?? 'default';
  const original = () => whole(entry, 'original_max_position_embeddings', maxLength, 1, 2 ** 21);
  switch (type) {
    case 'default':
      return { rotary: { theta }, maxLength };
    case 'linear': {
      const factor = real(entry, 'factor', 1, Number.MIN_VALUE, 1e6);
      return { rotary: factor === 1 ? { theta } : { theta, scaling: { kind: 'linear', factor } }, maxLength };
    }
    case 'llama3': {
      const scaling = {
        kind: 'llama3',
        factor: real(entry, 'factor', 0, Number.MIN_VALUE, 1e6),
        lowFrequencyFactor: real(entry, 'low_freq_factor', 0, Number.MIN_VALUE, 1e6),
        highFrequencyFactor: real(entry, 'high_freq_factor', 0, Number.MIN_VALUE, 1e6),
        originalLength: original(),
      } as const;
      return { rotary: { theta, scaling }, maxLength };
    }
    case 'dynamic':
      // Stretches only texts longer than those it learnt from; up to there it is the default.
      return { rotary: { theta }, maxLength: Math.min(maxLength, original()) };
    case 'yarn':
      if (entry['factor'] === 1 && (entry['attention_factor'] ?? 1) === 1) return { rotary: { theta }, maxLength };
      break;
    case 'longrope': {
      const short = entry['short_factor'];
      const plain = Array.isArray(short) && short.every((each) => each === 1) && entry['attention_factor'] === 1;
      if (plain) return { rotary: { theta }, maxLength: Math.min(maxLength, original()) };
    }
  }
  throw new Refusal(
    said`Its rotary positions are scaled in the way ${quote(type)}; Unmask computes default, linear, llama3, and dynamic up to the length that was learnt.`,
    'Choose a checkpoint of the model without this scaling, or another model.',
  );
}

/** What `readPositions` reads, as transformers 4 and 5 write it. */
export function writePositions({ theta, scaling }: Rotary): Json {
  const type = scaling?.kind ?? 'default';
  const rest =
    scaling === undefined
      ? {}
      : scaling.kind === 'linear'
        ? { factor: scaling.factor }
        : {
            factor: scaling.factor,
            low_freq_factor: scaling.lowFrequencyFactor,
            high_freq_factor: scaling.highFrequencyFactor,
            original_max_position_embeddings: scaling.originalLength,
          };
  return {
    rope_theta: theta,
    rope_scaling: scaling === undefined ? null : { rope_type: type, ...rest },
    rope_parameters: { rope_type: type, rope_theta: theta, ...rest },
  };
}
