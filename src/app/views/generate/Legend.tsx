/** How to read the canvas, each state drawn as it looks there. */
import { m } from '../../messages/index.ts';

export function Legend() {
  return (
    <ul className="legend" aria-label={m.legend.title}>
      <li>
        <i className="hatch" aria-hidden="true" /> {m.legend.mask}
      </li>
      <li>
        <span className="slot now">{m.legend.now}</span>
      </li>
      <li>
        <span className="slot unsure">{m.legend.unsure[0]}</span> {m.legend.unsure[1]}
      </li>
      <li>
        <span className="slot halfsure">{m.legend.halfsure[0]}</span> {m.legend.halfsure[1]}
      </li>
      <li>
        <span className="slot again">{m.legend.rewritten}</span>
      </li>
      <li>
        <span className="slot pinned">{m.legend.pinned}</span>
      </li>
    </ul>
  );
}
