import { english, type Text } from '../text/said.ts';

/**
 * Every failure that a person can meet is an `UnmaskError`: what happened, what to do next, and a code that code can
 * switch on. It crosses the worker boundary as plain data (`toJSON`) and reaches the page as a sentence with a button.
 */

export type ErrorCode =
  | 'settings' // a setting or link is not valid
  | 'trace' // a trace file is not valid
  | 'checkpoint' // a model on disk is damaged, incomplete or of another family
  | 'tokenizer' // tokenizer.json cannot be used
  | 'network' // a file could not be fetched
  | 'storage' // the browser's storage is full, locked or refused
  | 'device' // no usable GPU, out of memory, device lost
  | 'data' // a file or text cannot be learnt from
  | 'arguments' // wrong command-line arguments
  | 'canvas' // a canvas does not fit the model
  | 'internal';

export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: Text;
  /** What the person can do about it, one sentence. */
  readonly remedy: Text;
  /** The file the error is about, if any. */
  readonly file?: string | undefined;
  /** The tensor the error is about, if any. */
  readonly tensor?: string | undefined;
}

/** `message` and `remedy` are English, for the command line; what the page shows is `toJSON()`, with the values apart. */
export class UnmaskError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly file: string | undefined;
  readonly tensor: string | undefined;
  readonly #data: ErrorData;

  constructor(data: ErrorData, options?: ErrorOptions) {
    super(english(data.message), options);
    this.name = 'UnmaskError';
    this.#data = data;
    this.code = data.code;
    this.remedy = english(data.remedy);
    this.file = data.file;
    this.tensor = data.tensor;
  }

  toJSON(): ErrorData {
    const { code, message, remedy, file, tensor } = this.#data;
    return { code, message, remedy, file, tensor };
  }

  /** Any thrown value as an `UnmaskError`; unknown ones become `internal` and keep their message. */
  static from(cause: unknown): UnmaskError {
    if (cause instanceof UnmaskError) return cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    return new UnmaskError(
      { code: 'internal', message, remedy: 'Reload and try again; if it happens again, report it with these words.' },
      { cause },
    );
  }
}
