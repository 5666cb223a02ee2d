/** Rows of the first batch with the masks that the first step draws. */
import type { PreviewRow } from '../../../worker/protocol.train.ts';
import { Words } from '../../figures/MaskedWords.tsx';
import { m } from '../../messages/index.ts';

export function FirstBatch({ rows, causal }: { rows: readonly PreviewRow[]; causal: boolean }) {
  const { batch } = m.train;
  return (
    <>
      <p className="note">{causal ? batch.causal : batch.help}</p>
      <ol className="train-rows">
        {rows.map(({ pieces, masked }, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows keep their order
          <li key={row}>
            <p className="note">
              {causal ? batch.plain(row + 1) : batch.row(row + 1, masked.filter(Boolean).length, masked.length)}
            </p>
            <Words pieces={pieces} masked={masked} />
          </li>
        ))}
      </ol>
    </>
  );
}
