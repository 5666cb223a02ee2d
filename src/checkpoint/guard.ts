/**
 * What comes with a model also computes: regular expressions of its tokenizer, its chat template. In the page a worker
 * that no longer answers is ended from outside; a program of one thread says here how such work ends.
 */

/** Gives what `work`, which has no pauses, gives, or throws when it takes too long. `what` names its file or part. */
export type Guard = <T>(work: () => T, what: string) => T;

let guard: Guard = (work) => work();

export const guarded: Guard = (work, what) => guard(work, what);

/** For this whole program. */
export function setGuard(next: Guard): void {
  guard = next;
}
