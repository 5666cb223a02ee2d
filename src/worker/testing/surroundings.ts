/**
 * Surroundings for tests under Node: models from the repository's own folders, the real tfjs fallback, and backends
 * made of a table where a test needs to see inside.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Model } from '../../checkpoint/model.ts';
import { openModel } from '../../checkpoint/open.ts';
import { memorySource } from '../../checkpoint/sources.ts';
import { openGolden } from '../../checkpoint/testing/golden.ts';
import { UnmaskError } from '../../diffusion/error.ts';
import type { Network } from '../../diffusion/network.ts';
import type { Backend } from '../backend.ts';
import type { Line } from '../client.ts';
import { openFallbackBackend } from '../fallback.ts';
import type { Event, Request } from '../protocol.ts';
import { Session, type Surroundings } from '../session.ts';

/** The shipped model `stories`, whatever the url. */
export function openStories(url: string, options: Parameters<Surroundings['openModel']>[1]): Promise<Model> {
  return openFolder('stories', url, options);
}

/** The shipped model whose name the url is. */
export function openShipped(url: string, options: Parameters<Surroundings['openModel']>[1]): Promise<Model> {
  return openFolder(url, url, options);
}

async function openFolder(
  name: string,
  url: string,
  options: Parameters<Surroundings['openModel']>[1],
): Promise<Model> {
  const folder = new URL(`../../../public/models/${name}/`, import.meta.url);
  if (url.includes('nowhere')) {
    throw new UnmaskError({ code: 'network', message: `Nothing at ${url}.`, remedy: 'Check the address.' });
  }
  const names = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'];
  const present = names.filter((file) => existsSync(new URL(file, folder)));
  const files = new Map(present.map((file) => [file, new Uint8Array(readFileSync(new URL(file, folder)))]));
  return openModel(memorySource(files, url), options);
}

/** A four-layer model of 131 tokens (src/engine/golden/base), for tests on slow devices; token 7 is written "<7>". */
export async function openTiny(_url: string, { id }: Parameters<Surroundings['openModel']>[1]): Promise<Model> {
  const { arch, modelType, weights } = await openGolden('base');
  const piece = (token: number) => `<${token}>`;
  const tokenizer = {
    encode: (text: string) => Array.from(text.matchAll(/\d+/g), ([token]) => Number(token)),
    decode: (ids: readonly number[]) => ids.map(piece).join(''),
    piece,
  };
  return { id, arch, modelType, weights, tokenizer };
}

export const onFallback: Surroundings = {
  openModel: openStories,
  webgpu: async () => undefined,
  fallback: (model, options) => openFallbackBackend(model, options),
};

/** A backend around any network; `lose` takes its device away. */
export function fakeBackend(
  network: Network,
  about: Partial<Pick<Backend, 'name' | 'device' | 'software'>> = {},
): Backend & { lose(reason: string): void; readonly disposed: () => boolean } {
  let lose: (reason: string) => void = () => undefined;
  let disposed = false;
  const lost = new Promise<string>((resolve) => {
    lose = resolve;
  });
  return {
    network,
    name: about.name ?? 'webgpu',
    device: about.device ?? 'a test',
    software: about.software ?? false,
    lost,
    lose: (reason) => lose(reason),
    disposed: () => disposed,
    dispose: () => {
      disposed = true;
    },
  };
}

/** A session in this process at the end of a real message channel, so that every message is cloned as in the page. */
export function lineTo(surroundings: Surroundings): Line & { readonly session: Session } {
  const { port1, port2 } = new MessageChannel();
  const session = new Session(surroundings, (event) => port2.postMessage(event));
  port2.onmessage = ({ data }: MessageEvent<Request>) => session.receive(data);
  const line: Line & { readonly session: Session } = {
    session,
    post: (request) => port1.postMessage(request),
    onEvent: undefined,
    onCrash: undefined,
    close() {
      port1.close();
      void session.dispose();
    },
  };
  port1.onmessage = ({ data }: MessageEvent<Event>) => line.onEvent?.(data);
  return line;
}
