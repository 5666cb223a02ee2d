/**
 * The token canvas: one id and one state per slot. Autoregression appends to it, masked diffusion sets slots of it
 * (the words are Karpathy's on Barry's "BERT is just a single text diffusion step").
 */

/** What a slot is. Stored as one byte per slot; the numbers are part of the Trace format. */
export const Slot = {
  /** Given by the prompt; never rewritten. */
  Given: 0,
  /** Still masked. */
  Masked: 1,
  /** Written by the model. */
  Revealed: 2,
  /** Written, then masked again by the sampler or the user; still masked. */
  Remasked: 3,
  /** Written or kept by the user; never rewritten. */
  Pinned: 4,
} as const;
export type Slot = (typeof Slot)[keyof typeof Slot];

/** What an open slot holds where the model has no mask token: no token. */
const NO_TOKEN = -1;

/** What an open slot holds, of a model with this mask token or without one. */
export function openId(maskId: number | undefined): number {
  return maskId ?? NO_TOKEN;
}

export interface Canvas {
  /** Token ids, `[T]`. Masked and remasked slots hold the model's mask id (`openId`). */
  readonly ids: Int32Array;
  /** One `Slot` per position, `[T]`. */
  readonly states: Uint8Array;
}

export function isOpen(state: number): boolean {
  return state === Slot.Masked || state === Slot.Remasked;
}

/** Positions the model may still write, ascending, within `[from, to)`. */
export function openSlots(canvas: Canvas, from = 0, to = canvas.ids.length): number[] {
  const slots: number[] = [];
  for (let slot = from; slot < to; slot++) if (isOpen(canvas.states[slot] as number)) slots.push(slot);
  return slots;
}

/** `prompt` followed by `length` masks: the canvas of "continue". Masks typed into the prompt are open, not given. */
export function continueCanvas(prompt: ArrayLike<number>, length: number, maskId: number | undefined): Canvas {
  const ids = new Int32Array(prompt.length + length).fill(openId(maskId));
  ids.set(Array.from(prompt));
  return fillCanvas(ids, maskId);
}

/** The user's tokens with masks anywhere: the canvas of "fill in". */
export function fillCanvas(tokens: ArrayLike<number>, maskId: number | undefined): Canvas {
  const ids = Int32Array.from(tokens);
  const states = Uint8Array.from(ids, (id) => (id === openId(maskId) ? Slot.Masked : Slot.Given));
  return { ids, states };
}

export function copyCanvas(canvas: Canvas): Canvas {
  return { ids: canvas.ids.slice(), states: canvas.states.slice() };
}
