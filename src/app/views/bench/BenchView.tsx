/** The bench: a person measures their own card, beside other programs, and takes the result away. */
import { useEffect } from 'react';
import { markdown } from '../../../bench/report.ts';
import { ORT_BYTES, parametersOf, SIZES, type SizeName } from '../../../bench/sizes.ts';
import { CopyButton } from '../../fields/CopyButton.tsx';
import { Segments } from '../../fields/Segments.tsx';
import { sentences } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { CopyLink } from '../../shell/links/CopyLink.tsx';
import { BenchProgress } from './BenchProgress.tsx';
import { BenchTable } from './BenchTable.tsx';
import '../../figures/column.css';
import './bench.css';
import { stopBench, useBench } from './store.ts';

const NAMES = Object.keys(SIZES) as SizeName[];
const EXTENTS = ['quick', 'full'] as const;

export function BenchView() {
  // A bench that nobody looks at only burns power, and would spoil what another view does.
  useEffect(() => stopBench, []);
  const report = useBench((state) => state.report);
  return (
    <main className="column bench">
      <div className="title-line">
        <h1>{m.bench.title}</h1>
        <CopyLink view="bench" query={() => ''} />
      </div>
      <p className="lead">{m.bench.lead}</p>
      <Choices />
      <BenchProgress />
      {report && (
        <section aria-label={m.bench.results}>
          <p className="bench-device">
            <b>{report.device}</b> {report.where}
          </p>
          {report.software && <p className="note">{m.bench.software}</p>}
          <BenchTable report={report} />
          {report.cells.length > 0 && (
            <div className="bench-copy">
              <CopyButton icon="copy" label={m.bench.copyTable} text={() => markdown(report)} />
              <CopyButton icon="copy" label={m.bench.copyJson} text={() => JSON.stringify(report, undefined, 1)} />
            </div>
          )}
        </section>
      )}
    </main>
  );
}

/** The f32 weights on the card, once for each program. */
function memoryFor(parameters: number): number {
  return 3 * 4 * parameters;
}

function Choices() {
  const size = useBench((state) => state.size);
  const extent = useBench((state) => (state.quick ? 'quick' : 'full'));
  const running = useBench((state) => state.phase === 'running');
  const parameters = parametersOf(size);
  return (
    <fieldset className="bench-choices" disabled={running}>
      <div>
        <Segments
          label={m.bench.size}
          options={NAMES}
          words={m.bench.sizes}
          value={size}
          onChoose={(chosen) => useBench.setState({ size: chosen })}
        />
        <p className="note">{m.bench.sizeHelp(parameters, memoryFor(parameters))}</p>
      </div>
      <div>
        <Segments
          label={m.bench.extent}
          options={EXTENTS}
          words={m.bench.extents}
          value={extent}
          onChoose={(chosen) => useBench.setState({ quick: chosen === 'quick' })}
        />
        <p className="note">{sentences(m.bench.extentHelp[extent], m.bench.download(ORT_BYTES))}</p>
      </div>
    </fieldset>
  );
}
