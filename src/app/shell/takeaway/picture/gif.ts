/**
 * Frames into a GIF: one palette for all of them, and of every frame after the first only the pixels that changed. The
 * colours a picture is mostly made of stand in the palette exactly, so that grounds are the page's own and never
 * flicker; the rest, the greys at the edges of letters, are gathered by gifenc's pairwise-nearest-neighbour clustering.
 */
import { type Colour, GIFEncoder, nearestColorIndex, quantize } from 'gifenc';

/** One index is left for "as before". */
const COLOURS = 255;
const EXACT = 64;

/** Up to 255 colours for pictures like these samples (RGBA). */
export function paletteOf(samples: readonly Uint8ClampedArray[]): Colour[] {
  const counts = new Map<number, number>();
  for (const sample of samples) {
    for (const pixel of pixelsOf(sample)) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  }
  const frequent = [...counts].sort((a, b) => b[1] - a[1]).map(([pixel]) => pixel);
  if (frequent.length <= COLOURS) return frequent.map(colourOf);
  // Every colour once: small words count as much as large grounds, which are exact already.
  const others = quantize(rgbaOf(frequent.slice(EXACT)), COLOURS - EXACT);
  return [...frequent.slice(0, EXACT).map(colourOf), ...others];
}

export class GifWriter {
  readonly #encoder = GIFEncoder();
  readonly #palette: readonly Colour[];
  readonly #known = new Map<number, number>();
  readonly #width: number;
  readonly #height: number;
  #before: Uint8Array | undefined;

  constructor(palette: readonly Colour[], width: number, height: number) {
    this.#palette = palette;
    this.#width = width;
    this.#height = height;
  }

  /** Adds a frame of RGBA pixels, shown for `delay` milliseconds; returns the bytes it took. */
  add(rgba: Uint8ClampedArray, delay: number): number {
    const written = this.#encoder.bytesView().length;
    const now = this.#indices(rgba);
    const before = this.#before;
    const same = this.#palette.length;
    this.#encoder.writeFrame(
      before ? now.map((index, i) => (index === before[i] ? same : index)) : now,
      this.#width,
      this.#height,
      {
        // The colour after the last is never painted.
        ...(before ? { transparent: true, transparentIndex: same } : { palette: [...this.#palette, [0, 0, 0]] }),
        delay,
        dispose: 1,
      },
    );
    this.#before = now;
    return this.#encoder.bytesView().length - written;
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.#encoder.finish();
    return this.#encoder.bytes();
  }

  #indices(rgba: Uint8ClampedArray): Uint8Array {
    const pixels = pixelsOf(rgba);
    const indices = new Uint8Array(pixels.length);
    let last = -1;
    let index = 0;
    for (let i = 0; i < pixels.length; i++) {
      const pixel = pixels[i] as number;
      if (pixel !== last) {
        last = pixel;
        index = this.#known.get(pixel) ?? this.#nearest(pixel);
      }
      indices[i] = index;
    }
    return indices;
  }

  #nearest(pixel: number): number {
    const index = nearestColorIndex(this.#palette, colourOf(pixel));
    this.#known.set(pixel, index);
    return index;
  }
}

/** Pixels as numbers; every machine that runs browsers is little-endian. */
const pixelsOf = (rgba: Uint8ClampedArray) => new Uint32Array(rgba.buffer, rgba.byteOffset, rgba.length / 4);
const rgbaOf = (pixels: readonly number[]) => new Uint8Array(Uint32Array.from(pixels).buffer);
const colourOf = (pixel: number): Colour => [pixel & 255, (pixel >>> 8) & 255, (pixel >>> 16) & 255];
