/** Where the run stands, in figures. */
import type { StoredRun } from '../../../worker/protocol.train.ts';
import { sentences } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { useTrain } from '../../session/train/store.ts';
import { cutWords } from './cut.ts';

export function Numbers({ run }: { run: StoredRun }) {
  const last = useTrain((state) => state.last);
  const speed = useTrain((state) => state.speed);
  const { points, evaluations } = run.journal;
  const point = points.at(-1);
  const held = evaluations.at(-1);
  const { value, none, numbers } = m.train;
  const causal = run.settings.objective === 'next-token';
  const shown: readonly (readonly [string, string])[] = [
    [numbers.loss, point ? value.loss(point.loss) : none],
    [numbers.heldOut, held ? m.train.held(held.nelbo, held.standardError ?? Number.NaN) : none],
    // The loss of edits is no likelihood.
    ...(run.settings.objective === 'edits'
      ? []
      : [
          [causal ? numbers.perplexity : numbers.bound, held ? value.significant(Math.exp(held.nelbo)) : none] as const,
        ]),
    [numbers.left, last?.secondsLeft ? value.duration(last.secondsLeft) : none],
    [numbers.speed, speed ? value.rate(speed) : none],
    [numbers.gradient, point ? value.significant(point.gradNorm) : none],
    [numbers.lr, last ? value.lr(last.lr) : none],
    // Only on WebGPU do the buffers tell what a step took.
    [
      run.facts.backend === 'webgpu' ? numbers.memory : numbers.memoryBetween,
      last ? value.size(last.memory.bytes) : none,
    ],
  ];
  const cut = last?.fit ? cutWords(last.fit, run.settings.batch) : [];
  return (
    <>
      <dl className="train-numbers">
        {shown.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {cut.length > 0 && <p className="note">{sentences(...cut)}</p>}
    </>
  );
}
