/**
 * A run as an animated GIF. The page paints the frames, a few milliseconds each; a worker of its own finds the palette
 * and encodes them, one at a time, so that neither memory nor the page's own work piles up.
 */

import { UnmaskError } from '../../../../diffusion/error.ts';
import { greatest } from '../../../../diffusion/extremes.ts';
import type { Trace } from '../../../../diffusion/trace.ts';
import { m } from '../../../messages/index.ts';
import { type Frame, frameAt } from '../../../trace/frame.ts';
import type { Measure, Scene } from './marks.ts';
import { paint } from './paint.ts';
import { linesOf, sceneOf, WIDTH } from './scene.ts';
import type { Theme } from './theme.ts';

export type ToGif =
  | {
      readonly kind: 'begin';
      readonly width: number;
      readonly height: number;
      readonly samples: readonly Uint8ClampedArray[];
    }
  | { readonly kind: 'frame'; readonly rgba: Uint8ClampedArray; readonly delay: number }
  | { readonly kind: 'end' };

export type FromGif =
  | { readonly kind: 'added'; readonly bytes: number }
  | { readonly kind: 'done'; readonly bytes: Uint8Array<ArrayBuffer> };

export interface AnimationOptions {
  /** Pixels. */
  readonly width: number;
  /** Steps per second. */
  readonly speed: number;
  readonly footer: boolean;
  /** The first slot shown. */
  readonly first: number;
  readonly heading?: string | undefined;
}

/** More frames make a file nobody can send; longer runs show several steps at once. */
const MOST_FRAMES = 240;
/** The first and the last picture stand still for a while, in milliseconds. */
const HOLD = { first: 700, last: 3000 };
/** Browsers show frames shorter than this a tenth of a second. */
const SHORTEST = 20;

export interface Film {
  /** Steps applied in every frame, ascending. */
  readonly playheads: readonly number[];
  /** Steps from one frame to the next. */
  readonly stride: number;
  readonly seconds: number;
  readonly width: number;
  readonly height: number;
  readonly scene: (playhead: number) => Scene;
  readonly delay: (index: number) => number;
}

/** What will be shown when: one height for all frames, and the frames' times. */
export function filmOf(trace: Trace, options: AnimationOptions, measure: Measure): Film {
  const last = trace.steps.length;
  const stride = Math.max(1, Math.ceil(last / MOST_FRAMES));
  const playheads = Array.from({ length: Math.ceil(last / stride) }, (_, i) => i * stride).concat(last);
  const frames = new Map<number, Frame>(playheads.map((playhead) => [playhead, frameAt(trace, playhead)]));
  const { footer, first, heading } = options;
  const lines = greatest([...frames.values()].map((frame) => linesOf(trace, frame, first, measure)));
  const scene = (playhead: number) =>
    sceneOf(trace, frames.get(playhead) ?? frameAt(trace, playhead), { footer, first, heading, lines }, measure);
  const each = Math.max(SHORTEST, (1000 * stride) / options.speed);
  const delay = (index: number) =>
    index === playheads.length - 1 ? HOLD.last : index === 0 ? Math.max(HOLD.first, each) : each;
  return {
    playheads,
    stride,
    seconds: playheads.reduce((sum, _, index) => sum + delay(index), 0) / 1000,
    width: options.width,
    height: Math.round((scene(last).height * options.width) / WIDTH),
    scene,
    delay,
  };
}

function broken(): UnmaskError {
  const [message, remedy] = m.takeaway.animation.broken;
  return new UnmaskError({ code: 'internal', message, remedy });
}

/** Paints frames into pixels. */
function painter(film: Film, theme: Theme): (playhead: number) => Uint8ClampedArray {
  const canvas = document.createElement('canvas');
  canvas.width = film.width;
  canvas.height = film.height;
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
  if (!context) throw broken();
  return (playhead) => {
    paint(context, film.scene(playhead), theme, film.width / WIDTH);
    return context.getImageData(0, 0, film.width, film.height).data;
  };
}

/** A worker that has its palette; `add` resolves with the bytes a frame took, `end` with the file. */
function openGif(film: Film, pixels: (playhead: number) => Uint8ClampedArray, signal: AbortSignal) {
  const worker = new Worker(new URL('./gif.worker.ts', import.meta.url), { type: 'module' });
  const ask = (message: ToGif, transfer: Transferable[] = []) =>
    new Promise<FromGif>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<FromGif>) => resolve(data);
      worker.onerror = () => reject(broken());
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      worker.postMessage(message, transfer);
    });
  const { playheads } = film;
  const at = (share: number) => playheads[Math.round(share * (playheads.length - 1))] as number;
  const samples = [...new Set([0, 0.2, 0.4, 0.6, 0.8, 1].map(at))].map(pixels);
  worker.postMessage({ kind: 'begin', width: film.width, height: film.height, samples } satisfies ToGif);
  return {
    async add(rgba: Uint8ClampedArray, delay: number): Promise<number> {
      const said = await ask({ kind: 'frame', rgba, delay }, [rgba.buffer]);
      return said.kind === 'added' ? said.bytes : 0;
    },
    async end(): Promise<Uint8Array<ArrayBuffer>> {
      const said = await ask({ kind: 'end' });
      if (said.kind !== 'done') throw broken();
      return said.bytes;
    },
    close: () => worker.terminate(),
  };
}

/** About how many bytes the GIF will have, from its first frame and a few changes on the way. */
export async function estimate(film: Film, theme: Theme, signal: AbortSignal): Promise<number> {
  const pixels = painter(film, theme);
  const { playheads } = film;
  const gif = openGif(film, pixels, signal);
  try {
    const whole = await gif.add(pixels(playheads[0] as number), 0);
    if (playheads.length < 2) return whole;
    const changes: number[] = [];
    for (const share of [0.25, 0.5, 0.8]) {
      const index = Math.max(1, Math.round(share * (playheads.length - 1)));
      await gif.add(pixels(playheads[index - 1] as number), 0);
      changes.push(await gif.add(pixels(playheads[index] as number), 0));
    }
    return whole + ((playheads.length - 1) * changes.reduce((sum, bytes) => sum + bytes, 0)) / changes.length;
  } finally {
    gif.close();
  }
}

/** The whole GIF. Rejects with the signal's reason when it is aborted; `progress` is told a share from 0 to 1. */
export async function animate(
  film: Film,
  theme: Theme,
  signal: AbortSignal,
  progress: (share: number) => void,
): Promise<Blob> {
  const pixels = painter(film, theme);
  const gif = openGif(film, pixels, signal);
  try {
    for (const [index, playhead] of film.playheads.entries()) {
      signal.throwIfAborted();
      await gif.add(pixels(playhead), film.delay(index));
      progress((index + 1) / film.playheads.length);
    }
    return new Blob([await gif.end()], { type: 'image/gif' });
  } finally {
    gif.close();
  }
}
