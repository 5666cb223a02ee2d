/** Rows of the first batch with the masks that the first step draws. */
import type { PreviewRow } from '../../../worker/protocol.train.ts';
import { Words } from '../../figures/MaskedWords.tsx';
import { m } from '../../messages/index.ts';

function Marked({ pieces, marks }: { pieces: readonly string[]; marks: readonly boolean[] }) {
  return (
    <p className="words">
      {pieces.map((piece, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: tokens keep their order
        <span key={i}>{marks[i] ? <mark>{piece}</mark> : piece}</span>
      ))}
    </p>
  );
}

/** What is marked in a row depends on the objective. */
export type BatchKind = 'masks' | 'causal' | 'edits';

export function kindOf(objective: string): BatchKind {
  return objective === 'next-token' ? 'causal' : objective === 'edits' ? 'edits' : 'masks';
}

export function FirstBatch({ rows, kind }: { rows: readonly PreviewRow[]; kind: BatchKind }) {
  const { batch } = m.train;
  return (
    <>
      <p className="note">{kind === 'masks' ? batch.help : batch[kind]}</p>
      <ol className="train-rows">
        {rows.map(({ pieces, masked }, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows keep their order
          <li key={row}>
            <p className="note">
              {kind === 'masks'
                ? batch.row(row + 1, masked.filter(Boolean).length, masked.length)
                : batch.plain(row + 1)}
            </p>
            {kind === 'edits' ? <Marked pieces={pieces} marks={masked} /> : <Words pieces={pieces} masked={masked} />}
          </li>
        ))}
      </ol>
    </>
  );
}
