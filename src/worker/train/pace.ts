/** How hard a run works: while the page is hidden it may rest three quarters of the time, to spare the battery. */
let slow = false;

export function setPace(slowly: boolean): void {
  slow = slowly;
}

/** Rests three times as long as a step took, in pieces, as long as that is wanted. */
export async function restOf(milliseconds: number, signal: AbortSignal): Promise<void> {
  for (let left = 3 * milliseconds; left > 0 && slow && !signal.aborted; left -= PIECE) {
    await new Promise((resume) => setTimeout(resume, Math.min(left, PIECE)));
  }
}

const PIECE = 500;
