/** What a run would learn as it is set up now: asked of the worker a moment after the last change. */
import { useEffect } from 'react';
import { create } from 'zustand';
import { type ErrorData, UnmaskError } from '../../../diffusion/error.ts';
import type { DataLook, MemoryLook, TableLook, TrainSettingName } from '../../../worker/protocol.train.ts';
import { compute } from '../compute.ts';
import { useLibrary } from '../library.ts';
import { dataOf, fromOf, settingsOf, useSetup } from './setup.ts';

interface Looking {
  readonly busy: boolean;
  /** Of a table: what there is to choose from. */
  readonly table: TableLook | undefined;
  /** The last answer; it stays while the next one is on its way, so that nothing jumps. */
  readonly look: DataLook | undefined;
  readonly error: ErrorData | undefined;
  /** What a run would take, where the network is known. */
  readonly memory: MemoryLook | undefined;
}

const NOTHING: Looking = { busy: false, table: undefined, look: undefined, error: undefined, memory: undefined };
export const useLook = create<Looking>(() => NOTHING);

const WAIT_MS = 300;

/** The settings that change what the rows are, or what a run takes. */
const SEEN = [
  'column',
  'rows',
  'padding',
  'length',
  'batch',
  'accumulation',
  'heldOut',
  'objective',
  'schedule',
  'curve',
  'weighting',
  'maskOrder',
  'block',
  'blockTimes',
  'firstTime',
  'lastTime',
  'redraw',
  'corrupt',
  'mistakes',
  'editMasks',
  'kappa',
  'maskRates',
  'prefix',
  'seed',
  'architecture',
  'tokenizer',
  'vocabulary',
  'size',
  'memory',
  'adapter',
  'rank',
  'targets',
  'bits',
] as const satisfies readonly TrainSettingName[];

/** Looks again whenever something has changed; `model` is what a run would go on from. */
export function useLooking(model: string): void {
  const { settings, source, text, file, wikitext, run, init } = useSetup();
  const stored = useLibrary((state) =>
    state.storage?.items.some(({ name, complete, inMemory }) => name === wikitext && (complete || inMemory)),
  );
  const seen = SEEN.map((name) => settings[name]).join('\n');
  // Columns are those of one file; another one's never stand beside it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever another file is chosen, whatever it is
  useEffect(() => useLook.setState({ table: undefined }), [source, file]);
  const origin = source === 'text' ? text : source === 'wikitext' ? `${wikitext} ${stored}` : (run?.id ?? '');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the other values say when; what is asked is read then
  useEffect(() => {
    const own = new AbortController();
    useLook.setState({ busy: true });
    const timer = setTimeout(() => void look(model, own.signal), WAIT_MS);
    return () => {
      clearTimeout(timer);
      own.abort();
    };
  }, [model, seen, source, origin, file, init]);
}

async function look(model: string, signal: AbortSignal): Promise<void> {
  const setup = useSetup.getState();
  const data = dataOf(setup);
  if (data === undefined) return useLook.setState(NOTHING);
  let table: TableLook | undefined;
  try {
    const request = { settings: settingsOf(setup, model), data, from: await fromOf(setup, model) };
    for await (const event of (await compute()).run('lookAtData', request, signal)) {
      if (signal.aborted) continue;
      if (event.kind === 'table') {
        table = event.table;
        useLook.setState({ table });
      } else if (event.kind === 'memory') useLook.setState({ memory: event.memory });
      else useLook.setState({ busy: false, look: event.look, error: undefined });
    }
  } catch (cause) {
    if (!signal.aborted)
      useLook.setState({ busy: false, table, look: undefined, error: UnmaskError.from(cause).toJSON() });
  }
}
