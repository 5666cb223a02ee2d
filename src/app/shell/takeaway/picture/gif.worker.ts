/** Encodes a GIF frame by frame beside the page. Ends with `terminate()`, which is also how a person cancels it. */
import type { FromGif, ToGif } from './animation.ts';
import { GifWriter, paletteOf } from './gif.ts';

let writer: GifWriter | undefined;

const answer = (message: FromGif, transfer: Transferable[] = []) => self.postMessage(message, { transfer });

self.onmessage = ({ data }: MessageEvent<ToGif>) => {
  if (data.kind === 'begin') writer = new GifWriter(paletteOf(data.samples), data.width, data.height);
  else if (data.kind === 'frame') answer({ kind: 'added', bytes: writer?.add(data.rgba, data.delay) ?? 0 });
  else if (writer) {
    const bytes = writer.finish();
    answer({ kind: 'done', bytes }, [bytes.buffer]);
  }
};
