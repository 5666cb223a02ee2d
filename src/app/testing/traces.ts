/** Runs for tests: the recorded one that the page ships, and one made of hostile words. */
import { readFileSync } from 'node:fs';
import type { Trace } from '../../diffusion/trace.ts';
import { decodeTrace } from '../../diffusion/trace-decode.ts';

export function shippedTrace(): Trace {
  return decodeTrace(readFileSync(new URL('../../../public/recorded/first.json', import.meta.url), 'utf8'));
}

/** A run that puts words in, exchanges and takes away: the recorded repair of the chapter on edits. */
export function editedTrace(): Trace {
  return decodeTrace(readFileSync(new URL('../views/learn/recorded/repair.json', import.meta.url), 'utf8'));
}

const HOSTILE = [
  ' </script><script>alert(1)</script>',
  ' <img src=x onerror=alert(2)>',
  ' "onload="alert(3)',
  ' <!--',
  ']]>&lt;',
  '\u0000\u2028',
];

/** The shipped run with other words for its ids, and a prompt, a model and a device that are no better. */
export function hostileTrace(): Trace {
  const trace = shippedTrace();
  const ids = Object.keys(trace.pieces).map(Number);
  return {
    ...trace,
    settings: { ...trace.settings, prompt: HOSTILE.join('') },
    model: { ...trace.model, id: HOSTILE.join('') },
    backend: { name: 'webgpu', device: HOSTILE.join('') },
    pieces: Object.fromEntries(ids.map((id, i) => [id, HOSTILE[i % HOSTILE.length] as string])),
  };
}
