/** A prediction to make before the model answers. What is right comes from the run alone; an answer is not asked for. */
import { useEffect, useId, useRef, useState } from 'react';
import { integer, say } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { type BeatText, learn } from '../../messages/learnWords.ts';
import { useCompute } from '../../session/compute.ts';
import { likeliest, openAtStart } from './evidence.ts';
import { Prose } from './Prose.tsx';
import type { Question as Asked, Finding, Scene } from './script.ts';
import { answer, halt, peek, useStage } from './stage.ts';

/** Of the model's list: the first three, and one from further down. */
const RANKS = [0, 1, 2, 5];

interface Option {
  readonly id: string;
  readonly label: string;
}

/** A gap with the words before it, as it is read. */
function gapLabel(slot: number, place: number, pieces: readonly string[]): string {
  const lead = pieces
    .slice(Math.max(0, slot - 3), slot)
    .join('')
    .trim();
  return say(learn.view.gap, { n: integer(place + 1), lead });
}

function useOptions(question: Asked, scene: Scene, words: Readonly<Record<string, string>>): readonly Option[] {
  const [found, setFound] = useState<readonly Option[]>([]);
  const ready = useCompute((state) => state.status === 'ready');
  const start = useStage((state) => state.trace?.start);
  const { options } = question;
  useEffect(() => {
    if (options !== 'words') return undefined;
    let stale = false;
    void ready;
    void peek(scene).then((trace) => {
      if (stale || !trace) return;
      const list = likeliest(trace);
      const chosen = RANKS.flatMap((rank) => list[rank]?.word ?? []);
      setFound([...new Set(chosen)].sort().map((word) => ({ id: word, label: word })));
    });
    return () => {
      stale = true;
    };
  }, [options, scene, ready]);
  if (options === 'words') return found;
  if (options !== 'gaps') return options.map((id) => ({ id, label: words[id] ?? id }));
  const { trace } = useStage.getState();
  if (!start || !trace) return [];
  const pieces = Array.from(start.ids, (id) => (id === trace.maskId ? ' ▨' : (trace.pieces[id] ?? '')));
  return openAtStart(trace).map((slot, place) => ({ id: String(place), label: gapLabel(slot, place, pieces) }));
}

interface Props {
  readonly scene: Scene;
  readonly question: Asked;
  readonly text: BeatText;
  /** The option pressed on the canvas, when gaps are asked for. */
  readonly picked: string | undefined;
  readonly onPick: (option: string) => void;
  readonly onTold: (said: string) => void;
  readonly finding: Finding | undefined;
  readonly onFound: (finding: Finding) => void;
}

export function Question({ scene, question, text, picked, onPick, onTold, finding, onFound }: Props) {
  const id = useId();
  const root = useRef<HTMLElement>(null);
  const options = useOptions(question, scene, text.options ?? {});
  const status = useStage((state) => state.status);
  const playing = useStage((state) => state.playing);
  const [asked, setAsked] = useState(false);
  // Told once the run has been seen; what is tried after that plays as well, and takes nothing back.
  const [seen, setSeen] = useState(false);
  const told = finding && (seen || !playing) ? sentence(text, finding, picked, options) : undefined;
  const aloud = told ? `${told.verdict} ${told.said}`.trim() : '';
  useEffect(() => {
    if (!aloud) return;
    setSeen(true);
    onTold(aloud);
  }, [aloud, onTold]);

  const ask = async () => {
    // The button that has the focus goes.
    root.current?.focus({ preventScroll: true });
    setAsked(true);
    const evidence = await answer(question.reveals);
    if (evidence) onFound(question.find(evidence));
    else setAsked(false);
  };
  return (
    <section ref={root} tabIndex={-1} className="learn-question" data-target="ask" aria-labelledby={`${id}-ask`}>
      <fieldset disabled={asked}>
        <legend id={`${id}-ask`}>{text.ask}</legend>
        {options.length === 0 && <p className="note">{learn.view.thinking}</p>}
        {options.map((option) => (
          <label
            key={option.id}
            className={finding && told && option.id === finding.answer ? 'learn-option right' : 'learn-option'}
          >
            <input
              type="radio"
              name={id}
              value={option.id}
              checked={picked === option.id}
              onChange={() => onPick(option.id)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </fieldset>
      {!asked && (
        <div className="learn-guess">
          <button
            type="button"
            className="go learn-ask"
            disabled={options.length === 0 || picked === undefined}
            onClick={() => void ask()}
            data-target="try"
          >
            {learn.view.answer}
          </button>
          {picked === undefined && (
            <button type="button" className="quiet" disabled={options.length === 0} onClick={() => void ask()}>
              {learn.view.justShow}
            </button>
          )}
        </div>
      )}
      {asked && !told && (
        <p className="learn-line">
          <span className="note">{status === 'idle' ? learn.view.playing : learn.view.working}</span>
          {status !== 'idle' && (
            <button type="button" className="quiet" onClick={halt}>
              {m.controls.stop}
            </button>
          )}
        </p>
      )}
      {told && (
        <div className="learn-told">
          <p>
            {told.verdict && <strong>{told.verdict}</strong>} <span>{told.said}</span>
          </p>
          <Prose paragraphs={text.after ?? []} />
        </div>
      )}
    </section>
  );
}

function sentence(
  text: BeatText,
  { answer: right, values }: Finding,
  picked: string | undefined,
  options: readonly Option[],
) {
  const { told = '' } = text;
  const said = say(typeof told === 'string' ? told : (told[right] ?? ''), values);
  const known = options.some(({ id }) => id === right);
  const verdict =
    picked === undefined ? '' : picked === right ? learn.view.right : known ? learn.view.wrong : learn.view.neither;
  return { verdict, said };
}
