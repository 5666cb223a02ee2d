/** How hard a run works, and when it saves out of turn: while the page is hidden it may rest three quarters of the time, to spare the battery. */
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
