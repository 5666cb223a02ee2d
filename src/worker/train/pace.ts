/**
 * How hard a run works, and when it saves out of turn: while the page is hidden it may rest three quarters of the time, to
 * spare the battery, and while somebody waits for a text or a model it takes no step.
 */
let slow = false;

export function setPace(slowly: boolean): void {
  slow = slowly;
}

let haste = false;

/** The page is hidden or about to go: the run saves after the step in flight. */
export function hasten(): void {
  haste = true;
}

/** Whether that was asked for since it was last answered. */
export function takeHaste(): boolean {
  const asked = haste;
  haste = false;
  return asked;
}

/** Rests three times as long as a step took, in pieces, as long as that is wanted. */
export async function restOf(milliseconds: number, signal: AbortSignal): Promise<void> {
  for (let left = 3 * milliseconds; left > 0 && slow && !signal.aborted; left -= PIECE) {
    await new Promise((resume) => setTimeout(resume, Math.min(left, PIECE)));
  }
}

const PIECE = 500;

let holding = 0;

/**
 * The run takes no step until what is returned is called. A job beside it gets one turn of the worker after each step, and
 * one that reads, keeps or writes needs dozens: what takes a moment would take dozens of steps.
 */
export function hold(): () => void {
  holding++;
  let held = true;
  return () => {
    if (held) holding--;
    held = false;
  };
}

/** Waits as long as somebody holds the run. */
export async function held(signal: AbortSignal): Promise<void> {
  while (holding > 0 && !signal.aborted) await new Promise((resume) => setTimeout(resume, SHORT));
}

const SHORT = 20;
