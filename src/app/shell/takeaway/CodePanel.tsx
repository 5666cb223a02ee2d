/** The run as code that repeats it: a command, this program's own TypeScript, dLLM's Python. */
import { useCallback, useState } from 'react';
import { CopyButton } from '../../fields/CopyButton.tsx';
import { Segments } from '../../fields/Segments.tsx';
import { m } from '../../messages/index.ts';
import { pythonOf } from './code/python.ts';
import { commandOf, typescriptOf } from './code/typescript.ts';
import { fileName } from './download.ts';
import { SaveButton } from './SaveButton.tsx';
import type { Taken } from './taken.ts';
import { useMade } from './useMade.ts';

const CODES = ['typescript', 'python', 'command'] as const;
type Code = (typeof CODES)[number];
const ENDINGS: Record<Code, string> = { typescript: 'ts', python: 'py', command: 'sh' };

export function CodePanel({ taken }: { taken: Taken }) {
  const [code, setCode] = useState<Code>('typescript');
  const { trace, branched } = taken;
  const text = {
    typescript: () => typescriptOf(trace, branched),
    python: () => pythonOf(trace, branched),
    command: () => `${commandOf(trace, location.origin + location.pathname)}\n`,
  }[code]();
  const made = useMade(useCallback(async () => new Blob([text], { type: 'text/plain' }), [text]));
  return (
    <>
      <Segments
        label={m.takeaway.code.label}
        options={CODES}
        words={m.takeaway.code.names}
        value={code}
        small
        onChoose={setCode}
      />
      <p>{m.takeaway.code.about[code]}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by key */}
      <section className="takeaway-code" tabIndex={0} aria-label={m.takeaway.code.names[code]}>
        <pre>{text}</pre>
      </section>
      <div className="takeaway-acts">
        <CopyButton icon="copy" label={m.takeaway.code.copy} text={() => text} />
        <SaveButton label={m.takeaway.code.save} made={made} name={fileName(trace, ENDINGS[code])} strong={false} />
      </div>
    </>
  );
}
