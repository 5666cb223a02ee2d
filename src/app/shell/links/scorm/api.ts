/**
 * A SCO's end of SCORM 1.2 (ADL, "SCORM Version 1.2: The SCORM Run-Time Environment", 2001, chapter 3): how the API of the
 * course is found, and what a lesson says to it from beginning to end.
 */

/** What a course offers; every call takes and gives text. */
export interface ScormApi {
  LMSInitialize(nothing: ''): string | boolean;
  LMSFinish(nothing: ''): string | boolean;
  LMSGetValue(element: string): string;
  LMSSetValue(element: string, value: string): string | boolean;
  LMSCommit(nothing: ''): string | boolean;
  LMSGetLastError(): string | number;
  LMSGetErrorString(code: string): string;
}

interface Frame {
  readonly API?: ScormApi | undefined;
  readonly parent?: Frame | null;
  readonly opener?: Frame | null;
}

/** Frames in frames that are looked through; the standard's own example stops at seven. */
const MOST = 500;

/**
 * The API (3.3.6.1): in this window, in the frames around it, then in the window that opened it and the frames around
 * that. Undefined where there is none. Windows of other origins cannot be looked into, and are passed over.
 */
export function findApi(window: Frame): ScormApi | undefined {
  const from = (start: Frame | null | undefined): ScormApi | undefined => {
    let frame = start;
    for (let at = 0; frame && at < MOST; at++) {
      const api = peek(() => frame?.API);
      if (api) return api;
      const above = peek(() => frame?.parent);
      if (!above || above === frame) return undefined;
      frame = above;
    }
    return undefined;
  };
  const opener = (start: Frame) => peek(() => start.opener);
  let top: Frame = window;
  for (let at = 0; at < MOST; at++) {
    const above = peek(() => top.parent);
    if (!above || above === top) break;
    top = above;
  }
  return from(window) ?? from(opener(window)) ?? from(opener(top));
}

function peek<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined; // of another origin
  }
}

const holds = (answer: string | boolean) => String(answer) === 'true';
const DONE = ['completed', 'passed'];

/** One visit of a learner to the lesson. What the course refuses is kept in `error`, in its own words. */
export class Visit {
  readonly #api: ScormApi;
  readonly #now: () => number;
  readonly #began: number;
  #open = false;
  error: string | undefined;

  constructor(api: ScormApi, now: () => number = Date.now) {
    this.#api = api;
    this.#now = now;
    this.#began = now();
  }

  /** Opens the line and says that the lesson has been begun, unless it was done before. */
  begin(): void {
    this.#open = this.#ask(() => this.#api.LMSInitialize(''));
    if (this.#open && !this.done && this.status !== 'incomplete') this.#set('cmi.core.lesson_status', 'incomplete');
  }

  get status(): string {
    return this.#open ? this.#api.LMSGetValue('cmi.core.lesson_status') : '';
  }

  get done(): boolean {
    return DONE.includes(this.status);
  }

  /** The lesson has been done. True when the course has it now. */
  complete(): boolean {
    if (!this.#open) return false;
    if (this.done) return true;
    return this.#set('cmi.core.lesson_status', 'completed') && this.#ask(() => this.#api.LMSCommit(''));
  }

  /** The learner leaves. What is not done can be gone on with. */
  end(): void {
    if (!this.#open) return;
    if (!this.done) this.#set('cmi.core.exit', 'suspend');
    this.#set('cmi.core.session_time', timespan(this.#now() - this.#began));
    this.#ask(() => this.#api.LMSCommit(''));
    this.#ask(() => this.#api.LMSFinish(''));
    this.#open = false;
  }

  #set(element: string, value: string): boolean {
    return this.#ask(() => this.#api.LMSSetValue(element, value));
  }

  #ask(call: () => string | boolean): boolean {
    if (holds(call())) return true;
    const code = String(this.#api.LMSGetLastError());
    this.error = `${code}: ${this.#api.LMSGetErrorString(code)}`;
    return false;
  }
}

/** CMITimespan, HHHH:MM:SS.SS (Run-Time Environment, table 3.4.2). */
export function timespan(milliseconds: number): string {
  const hundredths = Math.round(milliseconds / 10);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(hundredths / 360_000), Math.floor(hundredths / 6000) % 60];
  return `${String(Math.min(hours, 9999)).padStart(4, '0')}:${two(minutes)}:${two(Math.floor(hundredths / 100) % 60)}.${two(hundredths % 100)}`;
}
