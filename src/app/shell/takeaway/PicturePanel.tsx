/** The present step as a still: SVG with real text, or PNG at twice its size. */
import { useCallback, useMemo, useState } from 'react';
import { m } from '../../messages/index.ts';
import { useLanguage } from '../../session/language.ts';
import { CopyPicture } from './CopyPicture.tsx';
import { fileName } from './download.ts';
import { Check, ThemeChoice } from './Options.tsx';
import { Preview } from './Preview.tsx';
import { canvasMeasure, paint } from './picture/paint.ts';
import { sceneOf } from './picture/scene.ts';
import { svgOf } from './picture/svg.ts';
import { pageTheme } from './picture/theme.ts';
import { useFonts } from './picture/useFonts.ts';
import { SaveButton } from './SaveButton.tsx';
import { type Taken, textAt } from './taken.ts';
import { useMade } from './useMade.ts';

/** Pixels of the PNG for one unit of the picture. */
const SCALE = 2;

export function PicturePanel({ taken }: { taken: Taken }) {
  const language = useLanguage((state) => state.language) ?? 'en';
  const [theme, setTheme] = useState(pageTheme);
  const [footer, setFooter] = useState(true);
  const fonts = useFonts();
  const { trace, frame, first, heading, title, playhead } = taken;
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured again when the fonts are here
  const scene = useMemo(
    () => sceneOf(trace, frame, { footer, first, heading }, canvasMeasure()),
    [trace, frame, footer, first, heading, fonts],
  );
  const step = m.time.step(playhead, trace.steps.length);
  const svg = useMade(
    useCallback(async () => {
      const description = `${textAt(taken)} (${step})`;
      return new Blob([svgOf(scene, theme, { title, description, language })], { type: 'image/svg+xml' });
    }, [scene, theme, taken, step, title, language]),
  );
  const png = useMade(
    useCallback(async () => {
      const canvas = document.createElement('canvas');
      canvas.width = scene.width * SCALE;
      canvas.height = scene.height * SCALE;
      const context = canvas.getContext('2d');
      if (context) paint(context, scene, theme, SCALE);
      return new Promise<Blob>((resolve, reject) => {
        canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(m.takeaway.picture.tooLarge))), 'image/png');
      });
    }, [scene, theme]),
  );
  return (
    <>
      <Preview scene={scene} theme={theme} label={`${title}, ${step}`} />
      <div className="takeaway-options">
        <ThemeChoice value={theme} onChoose={setTheme} />
        <Check label={m.takeaway.footer} value={footer} onChoose={setFooter} />
      </div>
      <p className="note">{m.takeaway.picture.about(step)}</p>
      <div className="takeaway-acts">
        <SaveButton label={m.takeaway.picture.saveSvg} made={svg} name={fileName(trace, 'svg')} />
        <SaveButton label={m.takeaway.picture.savePng} made={png} name={fileName(trace, 'png')} />
        <CopyPicture picture={png.value} />
      </div>
    </>
  );
}
