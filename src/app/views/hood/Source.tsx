/** A source file to read: its path, a button that copies it, its lines. */
import { type ReactNode, useMemo } from 'react';
import { CopyButton } from '../../fields/CopyButton.tsx';
import { m } from '../../messages/index.ts';
import { type Language, linesOf, type Piece, pieces } from './highlight.ts';
import type { SourceFile } from './sources.ts';

interface Props {
  readonly file: SourceFile;
  /** What is shown of it. */
  readonly text: string;
  readonly language: Language;
  /** Choices above the lines. */
  readonly children?: ReactNode;
}

export function Source({ file, text, language, children }: Props) {
  const lines = useMemo(() => linesOf(pieces(text, language)), [text, language]);
  return (
    <div className="hood-source">
      <div className="hood-source-head">
        <code>{file.path}</code>
        <CopyButton icon="copy" label={m.hood.kernels.copy[language]} text={() => text} />
      </div>
      {children}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be within reach of the keyboard */}
      <section className="hood-lines" aria-label={file.path} tabIndex={0}>
        <pre>
          <code>
            {lines.map((line, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines keep their order
              <Line key={i} line={line} />
            ))}
          </code>
        </pre>
      </section>
    </div>
  );
}

/** Long lines are broken, and their rest hangs two columns behind their beginning. */
function Line({ line }: { line: readonly Piece[] }) {
  const indent = (line[0]?.text.search(/[^ ]|$/) ?? 0) + 2;
  return (
    <span className="line" style={{ paddingLeft: `${indent}ch`, textIndent: `-${indent}ch` }}>
      {line.map(({ kind, text }, i) =>
        kind === 'plain' ? (
          text
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces keep their order
          <span key={i} className={kind}>
            {text}
          </span>
        ),
      )}
    </span>
  );
}
