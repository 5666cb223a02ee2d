/** What is true of this page by the Web Content Accessibility Guidelines 2.2, AA; and a list of all its views. */
import { day } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { VIEW_IDS } from '../../session/route.ts';
import '../../figures/column.css';
import './access.css';

/** When all of it was last gone through. */
const LOOKED = new Date('2026-11-30T12:00:00Z');

export function AccessView() {
  const w = m.access.statement;
  return (
    <main className="column access">
      <h1>{m.views.access}</h1>
      <p className="lead">{w.lead}</p>
      <p className="note">{w.looked(day(LOOKED))}</p>
      <h2>{w.triedTitle}</h2>
      <Points points={w.tried} />
      <h2>{w.notTitle}</h2>
      <Points points={w.not} />
      <h2>{w.holdsTitle}</h2>
      <Points points={w.holds} />
      <h2>{w.viewsTitle}</h2>
      <ul className="access-views">
        {VIEW_IDS.map((id) => (
          <li key={id}>
            <a href={`#/${id}`}>{m.views[id]}</a>
          </li>
        ))}
      </ul>
    </main>
  );
}

function Points({ points }: { points: readonly (readonly [what: string, how: string])[] }) {
  return (
    <dl>
      {points.map(([what, how]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd>{how}</dd>
        </div>
      ))}
    </dl>
  );
}
