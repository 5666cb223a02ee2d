/** The branches as a quiet line below the time line, so that nothing moves when there come to be several. */
import { useState } from 'react';
import { fetched } from '../../fields/fetched.tsx';
import { m } from '../../messages/index.ts';
import { useRule } from '../../session/lesson.ts';
import { useRun } from '../../session/run.ts';

const BranchList = fetched(async () => (await import('./BranchList.tsx')).BranchList);

export function BranchStrip() {
  const tree = useRun((state) => state.tree);
  const [said, setSaid] = useState('');
  const rule = useRule('steer');
  const several = tree !== undefined && tree.branches.length > 1;
  return (
    <>
      {several && rule !== 'hidden' && <BranchList tree={tree} onRemoved={() => setSaid(m.branches.removed)} />}
      <p className="hidden" role="status">
        {said}
      </p>
    </>
  );
}
