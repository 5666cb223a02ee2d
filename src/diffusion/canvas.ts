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

/** Names a slot for as long as there is one, wherever it stands: places move when others come and go, slots do not. */
export type SlotId = number;

export interface Canvas {
  /** Token ids, `[T]`. Masked and remasked slots hold the model's mask id (`openId`). */
  readonly ids: Int32Array;
  /** One `Slot` per position, `[T]`. */
  readonly states: Uint8Array;
  /** Which slots stand here, and where; absent as long as none has come or gone: then slot n stands in place n. */
  readonly order?: SlotOrder;
}

export interface SlotOrder {
  /** The slot of each place, `[T]`. */
  readonly slots: Int32Array;
  /** What the next new slot is called: no name is given twice in a run. */
  readonly next: SlotId;
}

/** The slot that stands in this place. */
export function slotAt({ order }: Pick<Canvas, 'order'>, place: number): SlotId {
  return order ? (order.slots[place] as number) : place;
}

/** Where a slot stands; −1 when it does not. */
export function placeOf({ ids, order }: Pick<Canvas, 'ids' | 'order'>, slot: SlotId): number {
  if (order) return order.slots.indexOf(slot);
  return slot >= 0 && slot < ids.length ? slot : -1;
}

/** What the next new slot is called. */
export function nextSlot({ ids, order }: Pick<Canvas, 'ids' | 'order'>): SlotId {
  return order?.next ?? ids.length;
}

export function isOpen(state: number): boolean {
  return state === Slot.Masked || state === Slot.Remasked;
}

/** Places the model may still write, ascending, within `[from, to)`. */
export function openSlots(canvas: Canvas, from = 0, to = canvas.ids.length): number[] {
  const slots: number[] = [];
  for (let slot = from; slot < Math.min(to, canvas.ids.length); slot++) {
    if (isOpen(canvas.states[slot] as number)) slots.push(slot);
  }
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
  const { ids, states, order } = canvas;
  // The order is replaced, never written to.
  return { ids: ids.slice(), states: states.slice(), ...(order && { order }) };
}
