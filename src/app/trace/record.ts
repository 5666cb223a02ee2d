/** Builds a Trace from what the compute worker reports, one immutable Trace per event. */
import type { Canvas } from '../../diffusion/canvas.ts';
import type { Settings } from '../../diffusion/settings.ts';
import type { Step, Trace } from '../../diffusion/trace.ts';
import type { LoadedModel } from '../../worker/protocol.ts';

type Pieces = Readonly<Record<number, string>>;

/** What a trace says of the model that wrote it. */
export type Writer = Pick<LoadedModel, 'id' | 'parameters' | 'maskId' | 'device'> & {
  readonly adapter?: { readonly id: string; readonly weight: number } | undefined;
  /** Steps that it has learnt, where it is learning. */
  readonly learnt?: number | undefined;
};

export function beginTrace(settings: Settings, model: Writer, start: Canvas, pieces: Pieces): Trace {
  return {
    version: 3,
    settings,
    model: {
      id: model.id,
      parameters: model.parameters,
      ...(model.learnt !== undefined && { learnt: model.learnt }),
      ...(model.adapter && { adapter: { id: model.adapter.id, weight: model.adapter.weight } }),
    },
    backend: { name: model.device.backend, device: model.device.device },
    start,
    maskId: model.maskId,
    steps: [],
    edits: [],
    pieces: { ...pieces },
  };
}

export function withStep(trace: Trace, step: Step, pieces: Pieces): Trace {
  return { ...trace, steps: [...trace.steps, step], pieces: withPieces(trace, pieces) };
}

export function withPieces(trace: Trace, pieces: Pieces): Pieces {
  for (const id in pieces) if (!(id in trace.pieces)) return { ...trace.pieces, ...pieces };
  return trace.pieces;
}
