/** The Compare view: appending against setting, sampler against sampler, and quality against the number of passes. */
import { useEffect } from 'react';
import { Icon } from '../../fields/Icon.tsx';
import { Segments } from '../../fields/Segments.tsx';
import { sentences } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { told } from '../../messages/told.ts';
import { loadModel, useCompute } from '../../session/compute.ts';
import { CopyLink } from '../../shell/links/CopyLink.tsx';
import { formatComparison, TABS } from './address.ts';
import '../../figures/canvases.css';
import './compare.css';
import { FrontierTab } from './FrontierTab.tsx';
import { RaceTab } from './RaceTab.tsx';
import { useRace } from './raceStore.ts';
import { SamplersTab } from './SamplersTab.tsx';
import { compareWith, dismissProblems, followAddress, useComparison } from './store.ts';
import { stopWork, useWork } from './work.ts';

const SHOWN = { race: RaceTab, samplers: SamplersTab, frontier: FrontierTab } as const;

export function CompareView() {
  const tab = useComparison((state) => state.tab);
  useEffect(() => followAddress(), []);
  // Nobody waits for what they have left.
  useEffect(() => stopWork, []);
  const Shown = SHOWN[tab];
  return (
    <main className="compare">
      <div className="compare-head">
        <h1>{m.compare.title}</h1>
        <Segments
          label={m.compare.tabs.label}
          options={TABS}
          words={m.compare.tabs}
          value={tab}
          onChoose={(one) => {
            stopWork();
            compareWith({ tab: one });
          }}
        />
        <a className="compare-more" href="#/evaluate">
          {m.views.evaluate}
        </a>
        <CopyLink view="compare" query={() => formatComparison(useComparison.getState())} />
      </div>
      <Troubles />
      <Shown key={tab} />
      <DeviceLine />
    </main>
  );
}

function Troubles() {
  const error = useWork((state) => state.error);
  const load = useCompute((state) => state.error);
  const problems = useComparison((state) => state.problems);
  const shown = load ?? error;
  return (
    <div className="notices">
      {shown && (
        <div className="notice error" role="alert">
          <div>
            <p>
              {told(shown.message)}
              {load && (
                <button type="button" onClick={() => void loadModel().catch(() => undefined)}>
                  {m.errors.retry}
                </button>
              )}
            </p>
            <p className="note">{told(shown.remedy)}</p>
          </div>
          {!load && (
            <button
              type="button"
              className="quiet square"
              onClick={() => useWork.setState({ error: undefined })}
              aria-label={m.errors.dismiss}
            >
              <Icon name="close" />
            </button>
          )}
        </div>
      )}
      {problems.length > 0 && (
        <div className="notice warn" role="status">
          <div>
            <p>{m.controls.linkProblems}</p>
            <p className="note">{sentences(...problems.map(told))}</p>
          </div>
          <button type="button" className="quiet square" onClick={dismissProblems} aria-label={m.errors.dismiss}>
            <Icon name="close" />
          </button>
        </div>
      )}
    </div>
  );
}

/** Where there are two models, both run on the same arithmetic, and the page says on which. */
function DeviceLine() {
  const device = useCompute((state) => state.model?.device);
  const gpt2 = useComparison(({ tab, opponent }) => tab === 'race' && opponent === 'gpt2');
  const alone = useComparison(({ tab }) => tab === 'samplers');
  const ran = useRace(({ append, opponent }) => (opponent === 'gpt2' ? append?.trace.backend : undefined));
  if (!device) return null;
  const name = (backend: string, adapter: string) =>
    m.header.deviceName(m.header.backends[backend] ?? backend, adapter);
  const where = name(device.backend, device.device);
  return (
    <p className="device-notice" role="status">
      {sentences(
        gpt2
          ? m.compare.gpt2.devices(where, ran ? name(ran.name, ran.device) : '')
          : !alone && m.compare.sameDevice(where),
        device.notice && told(device.notice),
      )}
    </p>
  );
}
