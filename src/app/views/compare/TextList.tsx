/** The texts behind one point of the frontier, each with a link that writes it again in the Generate view. */
import { useEffect, useRef } from 'react';
import type { FrontierPoint } from '../../../diffusion/frontier.ts';
import { formatLink, parseLink } from '../../../diffusion/link.ts';
import { Icon } from '../../fields/Icon.tsx';
import { clauses, decimal } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { WRITTEN } from '../../trace/words.ts';
import { knobWords, seriesName } from './words.ts';

export function TextList({ point, onClose }: { point: FrontierPoint; onClose: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { key, series, knob, value, passes, texts, link } = point;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another point is another list to be seen
  useEffect(() => {
    heading.current?.scrollIntoView({ block: 'nearest' });
  }, [key]);
  const name = clauses(seriesName(series), knobWords(knob, value));
  const { settings } = parseLink(`?${link}`);
  return (
    <section className="texts" aria-labelledby="texts-of">
      <div className="texts-head">
        <h2 id="texts-of" ref={heading}>
          {m.compare.frontier.textsOf(name, decimal(passes))}
        </h2>
        <button type="button" className="quiet square" onClick={onClose} aria-label={m.inspector.close}>
          <Icon name="close" />
        </button>
      </div>
      <ol>
        {texts.map(({ prompt, seed, text, perplexity }) => (
          <li key={`${prompt} ${seed}`}>
            <p className="text" {...WRITTEN}>
              <span className="given">{prompt}</span>
              {text}
            </p>
            <p className="note">
              {m.compare.frontier.textFacts(seed, decimal(perplexity))}{' '}
              {series !== 'append' && (
                <a href={`#/generate?${formatLink({ ...settings, prompt, seed })}`}>{m.compare.openInGenerate}</a>
              )}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
