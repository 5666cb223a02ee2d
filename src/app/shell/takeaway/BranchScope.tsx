/** Whether one branch is taken away or all of them; nothing to choose where there is one. */

import { Segments } from '../../fields/Segments.tsx';
import { m } from '../../messages/index.ts';
import { branchName, type Taken } from './taken.ts';

export type Scope = 'current' | 'all';

interface Props {
  readonly taken: Taken;
  readonly scope: Scope;
  readonly onChoose: (scope: Scope) => void;
}

export function BranchScope({ taken: { tree }, scope, onChoose }: Props) {
  if (tree.branches.length < 2) return null;
  const words = {
    current: m.takeaway.scope.current(branchName(tree, tree.current)),
    all: m.takeaway.scope.all(tree.branches.length),
  };
  return (
    <Segments
      label={m.takeaway.scope.label}
      options={['current', 'all']}
      words={words}
      value={scope}
      onChoose={onChoose}
    />
  );
}
