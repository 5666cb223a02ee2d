/** What a configuration asks for and Unmask does not compute. The loader says it as an `UnmaskError` of the file. */
import { english, type Text } from '../text/said.ts';

export class Refusal extends Error {
  /** The same with its values apart, for the page. */
  readonly text: Text;
  /** What the person can do about it, one sentence. */
  readonly remedy: string;

  constructor(message: Text, remedy = 'Choose another model, or correct its config.json.') {
    super(english(message));
    this.text = message;
    this.name = 'Refusal';
    this.remedy = remedy;
  }
}
