/** What a configuration asks for and Unmask does not compute. The loader says it as an `UnmaskError` of the file. */
export class Refusal extends Error {
  /** What the person can do about it, one sentence. */
  readonly remedy: string;

  constructor(message: string, remedy = 'Choose another model, or correct its config.json.') {
    super(message);
    this.name = 'Refusal';
    this.remedy = remedy;
  }
}
