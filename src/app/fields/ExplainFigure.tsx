/** Draws a figure of `trace/explained.ts`: rows of bars on a line, or rows of slots. */
import type { SettingName } from '../../diffusion/settings.ts';
import { m } from '../messages/index.ts';
import { useSettings } from '../session/settings.ts';
import { type Figure, type Mark, SETTING_FIGURES } from '../trace/explained.ts';

const WIDTH = 216;
const BAR = 34;
const CELL = 15;
const LABEL = 12;

export function ExplainFigure({ name }: { name: SettingName }) {
  const settings = useSettings((state) => state.settings);
  if (name === 'model') return null;
  const figure = SETTING_FIGURES[name](settings);
  const tall = figure.kind === 'slots' ? CELL : BAR;
  const pitch = figure.kind === 'slots' ? tall + 4 : tall + LABEL + 8;
  const height = figure.rows.length * pitch;
  return (
    <svg
      className="explain-figure"
      viewBox={`0 0 ${WIDTH} ${height}`}
      role="img"
      aria-label={m.explain.figure[figure.kind]}
    >
      {figure.rows.map((row, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name and never change places
        <g key={at} transform={`translate(0 ${at * pitch})`}>
          <Row row={row} kind={figure.kind} tall={tall} />
        </g>
      ))}
    </svg>
  );
}

function Row({ row, kind, tall }: { row: readonly Mark[]; kind: Figure['kind']; tall: number }) {
  const across = Math.max(row.length, kind === 'slots' ? 12 : 6);
  const step = WIDTH / across;
  const wide = Math.min(step - 3, 26);
  const slots = kind === 'slots';
  const base = slots ? tall : tall + LABEL;
  return (
    <>
      {!slots && <path className="axis" d={`M0 ${base + 0.5}H${WIDTH}`} />}
      {row.map(({ height, look, label }, at) => {
        const x = at * step + (step - wide) / 2;
        const h = Math.max(height * tall, slots ? tall : 1.5);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a mark is its place
          <g key={at}>
            <rect className={`mark-${look}`} x={x} y={base - h} width={wide} height={h} rx="2" />
            {label && (
              <text className={`on-${slots ? 'cell' : 'bar'}`} x={x + wide / 2} y={slots ? base - 4 : base - h - 3}>
                {label}
              </text>
            )}
          </g>
        );
      })}
    </>
  );
}
