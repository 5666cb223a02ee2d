/** The run as an animated picture: chosen, estimated, made with a progress that can be cancelled, seen, saved. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { UnmaskError } from '../../../diffusion/error.ts';

import { m } from '../../messages/index.ts';
import { toldError } from '../../messages/told.ts';
import { reducedMotion } from '../../session/useMedia.ts';
import { fileName } from './download.ts';
import { Check, NumberChoice, ThemeChoice } from './Options.tsx';
import { Preview } from './Preview.tsx';
import { animate, estimate, filmOf } from './picture/animation.ts';
import { canvasMeasure } from './picture/paint.ts';
import { pageTheme } from './picture/theme.ts';
import { useFonts } from './picture/useFonts.ts';
import { SaveButton } from './SaveButton.tsx';
import { fileSize } from './size.ts';
import type { Taken } from './taken.ts';
import { type Made, useMade } from './useMade.ts';

const WIDTHS = [640, 960, 1280, 1920];
const SPEEDS = [2, 4, 8, 16, 32];

export function AnimationPanel({ taken }: { taken: Taken }) {
  const [width, setWidth] = useState(960);
  const [theme, setTheme] = useState(pageTheme);
  const [speed, setSpeed] = useState(8);
  const [footer, setFooter] = useState(true);
  const fonts = useFonts();
  const { trace, first, heading } = taken;
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured again when the fonts are here
  const film = useMemo(
    () => filmOf(trace, { width, speed, footer, first, heading }, canvasMeasure()),
    [trace, width, speed, footer, first, heading, fonts],
  );
  const expected = useMade(
    useCallback(async (signal) => (fonts ? await estimate(film, theme, signal) : undefined), [film, theme, fonts]),
  );
  const making = useMaking(`${width} ${theme} ${speed} ${footer}`);
  const shown = useFilmFrame(film.playheads.length, film.delay);
  const playhead = film.playheads[shown] as number;
  return (
    <>
      {making.picture ? (
        <img className="takeaway-preview" src={making.picture} alt={taken.title} />
      ) : (
        <Preview scene={film.scene(playhead)} theme={theme} label={taken.title} />
      )}
      <div className="takeaway-options">
        <ThemeChoice value={theme} onChoose={setTheme} />
        <NumberChoice
          label={m.takeaway.animation.width}
          options={WIDTHS}
          value={width}
          say={m.takeaway.animation.pixels}
          onChoose={setWidth}
        />
        <NumberChoice label={m.time.speed} options={SPEEDS} value={speed} say={m.time.speeds} onChoose={setSpeed} />
        <Check label={m.takeaway.footer} value={footer} onChoose={setFooter} />
      </div>
      <p className="note">
        {m.takeaway.animation.about(film.playheads.length, film.seconds, film.width, film.height)}{' '}
        {film.stride > 1 && m.takeaway.animation.stride(film.stride)}
      </p>
      <div className="takeaway-acts" aria-live="polite">
        {making.share !== undefined ? (
          <>
            <progress max={1} value={making.share} aria-label={m.takeaway.animation.making} />
            <span className="takeaway-size">
              {m.takeaway.animation.frame(Math.round(making.share * film.playheads.length), film.playheads.length)}
            </span>
            <button type="button" className="outline" onClick={making.cancel}>
              {m.takeaway.cancel}
            </button>
          </>
        ) : making.made.value ? (
          <SaveButton label={m.takeaway.animation.save} made={making.made} name={fileName(trace, 'gif')} />
        ) : (
          <button
            type="button"
            className="outline takeaway-save"
            disabled={!fonts}
            onClick={() => making.begin((signal, progress) => animate(film, theme, signal, progress))}
          >
            {m.takeaway.animation.make}
            <span className="takeaway-size">
              {expected.value ? m.takeaway.animation.aboutSize(fileSize(expected.value)) : m.takeaway.measuring}
            </span>
          </button>
        )}
        {making.made.failed && <p className="note error">{making.made.failed}</p>}
      </div>
    </>
  );
}

/** Which frame of the film the preview shows; it plays unless the reader wants less motion. */
function useFilmFrame(count: number, delay: (index: number) => number): number {
  const [index, setIndex] = useState(0);
  const shown = Math.min(index, count - 1);
  const still = reducedMotion();
  useEffect(() => {
    if (still) return undefined;
    const timer = setTimeout(() => setIndex((shown + 1) % count), delay(shown));
    return () => clearTimeout(timer);
  }, [shown, count, delay, still]);
  return still ? count - 1 : shown;
}

interface Making {
  /** From 0 to 1 while something is being made. */
  readonly share: number | undefined;
  readonly made: Made<Blob>;
  /** Address of what was made. */
  readonly picture: string | undefined;
  readonly begin: (make: (signal: AbortSignal, progress: (share: number) => void) => Promise<Blob>) => void;
  readonly cancel: () => void;
}

/** One picture in the making; another choice (`of`) or closing the dialog cancels it. */
function useMaking(of: string): Making {
  const [share, setShare] = useState<number>();
  const [made, setMade] = useState<Made<Blob>>({});
  const abort = useRef<AbortController>(undefined);
  const picture = useMemo(() => made.value && URL.createObjectURL(made.value), [made]);
  useEffect(
    () => () => {
      if (picture) URL.revokeObjectURL(picture);
    },
    [picture],
  );
  const cancel = () => {
    abort.current?.abort();
    setShare(undefined);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the choice that cancels
  useEffect(() => {
    setMade({});
    return cancel;
  }, [of]);
  return {
    share,
    made,
    picture,
    cancel,
    begin: (make) => {
      const own = new AbortController();
      abort.current = own;
      setShare(0);
      make(own.signal, (done) => own.signal.aborted || setShare(done)).then(
        (value) => {
          if (own.signal.aborted) return;
          setShare(undefined);
          setMade({ value });
        },
        (cause: unknown) => {
          if (own.signal.aborted) return;
          setShare(undefined);
          setMade({ failed: toldError(UnmaskError.from(cause)) });
        },
      );
    },
  };
}
