/** Which samplers the frontier is computed for. */
import { formatSeries } from '../../../diffusion/frontier.ts';
import { SAMPLERS } from '../../../diffusion/settings.ts';
import { m } from '../../messages/index.ts';
import { compareWith, useComparison } from './store.ts';
import { seriesName } from './words.ts';

/** Every sampler on the whole text, and the page's default with its blocks. */
const ALL = SAMPLERS.flatMap((sampler) => [
  formatSeries({ sampler, block: 0 }),
  ...(sampler === 'confidence' ? [formatSeries({ sampler, block: 16 })] : []),
]);

export function SeriesChoice() {
  const series = useComparison((state) => state.series);
  const options = [...ALL, ...series.filter((one) => !ALL.includes(one))];
  const toggle = (name: string) => {
    const next = series.includes(name) ? series.filter((one) => one !== name) : [...series, name];
    if (next.length > 0) compareWith({ series: options.filter((one) => next.includes(one)) });
  };
  return (
    <details className="series">
      <summary>{m.compare.frontier.series(series.length)}</summary>
      <fieldset>
        <legend className="hidden">{m.compare.frontier.series(series.length)}</legend>
        {options.map((name) => (
          <label key={name} className="series-option">
            <input type="checkbox" checked={series.includes(name)} onChange={() => toggle(name)} />
            {seriesName(name)}
          </label>
        ))}
      </fieldset>
    </details>
  );
}
