/** The mark: the word Unmask with its "ma" still masked. */
import { m } from '../messages/index.ts';

export function Mark() {
  return (
    <a className="mark" href="#/generate">
      <span className="hidden">{m.name}</span>
      <span aria-hidden="true">
        Un
        <i />
        <i />
        sk
      </span>
    </a>
  );
}
