/** What is used of gifenc, which has no types of its own. */
declare module 'gifenc' {
  export type Colour = readonly [number, number, number];
  interface Encoder {
    writeFrame(
      index: Uint8Array,
      width: number,
      height: number,
      options: {
        /** Of the whole file when given with the first frame. */
        palette?: readonly Colour[];
        transparent?: boolean;
        transparentIndex?: number;
        /** Milliseconds. */
        delay?: number;
        /** 1 leaves the frame as it is for the next one to change. */
        dispose?: number;
      },
    ): void;
    finish(): void;
    bytes(): Uint8Array<ArrayBuffer>;
    bytesView(): Uint8Array<ArrayBuffer>;
  }
  export function GIFEncoder(): Encoder;
  export function quantize(rgba: Uint8Array | Uint8ClampedArray, colours: number): Colour[];
  export function nearestColorIndex(palette: readonly Colour[], colour: Colour): number;
}
