/** How to read the canvas, each state drawn as it looks there. */
import { m } from '../../messages/index.ts';
import { useRun } from '../../session/run.ts';
import { editsText } from '../../trace/resume.ts';

export function Legend() {
  const editing = useRun(({ trace }) => trace !== undefined && editsText(trace.settings));
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
      <li>
        <span aria-hidden="true">▹ ∎</span> {m.legend.bounds}
      </li>
      {editing && (
        <>
          <li className="prose">
            <span className="slot inserted">{m.legend.edited[0]}</span>
          </li>
          <li>
            <span className="slot removed">{m.legend.edited[1]}</span>
          </li>
        </>
      )}
    </ul>
  );
}
