/** The canvas as a table, for whoever reads rows better than a sheet: what stands where, since when, and how sure it was. */
import { type KeyboardEvent, useId } from 'react';
import { integer, percent } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { foldedSlots } from '../../session/chat.ts';
import { useFrame } from '../../session/frames.ts';
import { select, useRun } from '../../session/run.ts';
import { actOnSlot } from '../../session/slotKeys.ts';
import { Look } from '../../trace/frame.ts';
import { slotWords } from '../../trace/painter.ts';
import { WRITTEN } from '../../trace/words.ts';
import './table.css';

export function CanvasTable() {
  const frame = useFrame();
  const trace = useRun((state) => state.trace);
  const selected = useRun((state) => state.selected);
  const help = useId();
  if (!frame || !trace) return null;
  const slots = Array.from(frame.order).slice(foldedSlots(trace));
  const tabbable = selected !== undefined && slots.includes(selected) ? selected : slots[0];
  const w = m.access.table;

  const onKeyDown = (event: KeyboardEvent<HTMLTableElement>) => {
    const slot = Number((event.target as HTMLElement).dataset['slot']);
    if (!slots.includes(slot) || event.metaKey || event.ctrlKey || event.altKey) return;
    const at = slots.indexOf(slot);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: slots.length - 1 }[event.key];
    const target = to === undefined ? undefined : slots[to];
    if (target !== undefined) {
      select(target);
      event.currentTarget.querySelector<HTMLElement>(`[data-slot="${target}"]`)?.focus();
    } else if (!actOnSlot(event.key, slot)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <>
      <table className="canvas-table" aria-describedby={help} onKeyDown={onKeyDown}>
        <caption className="hidden">{w.caption}</caption>
        <thead>
          <tr>
            <th scope="col">{w.columns.position}</th>
            <th scope="col">{w.columns.token}</th>
            <th scope="col">{w.columns.written}</th>
            <th scope="col">{w.columns.sure}</th>
          </tr>
        </thead>
        <tbody>
          {slots.map((slot, at) => {
            const look = frame.looks[slot] as number;
            const open = (look & Look.Open) !== 0;
            const { word, kind } = slotWords(frame, trace.pieces, slot);
            const wrote = frame.writtenAt[slot] as number;
            const probability = frame.probability[slot] as number;
            return (
              <tr key={slot} className={look & Look.Now ? 'now' : undefined}>
                <th scope="row">{integer(at + foldedSlots(trace) + 1)}</th>
                <td>
                  <button
                    type="button"
                    className={open ? 'quiet open' : 'quiet'}
                    data-slot={slot}
                    lang={open ? undefined : WRITTEN.lang}
                    translate={open ? undefined : 'no'}
                    tabIndex={slot === tabbable ? 0 : -1}
                    aria-pressed={slot === selected}
                    onClick={() => select(slot === selected ? undefined : slot)}
                  >
                    {word}
                  </button>
                </td>
                <td>
                  {kind ?? w.atStep(wrote + 1)}
                  {kind === '' && w.notYet}
                </td>
                <td>{kind === undefined && !Number.isNaN(probability) ? percent(probability) : '–'}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className="hidden" id={help}>
        {w.help}
      </p>
    </>
  );
}
