/** The branches of a run: which there are, where each left its parent, and what to do with one. */
import { type KeyboardEvent, useRef, useState } from 'react';
import { type Branch, branchOf, LONGEST_NAME, leftAt, type TraceTree } from '../../../diffusion/branches.ts';
import { Icon } from '../../fields/Icon.tsx';
import { m } from '../../messages/index.ts';
import { controller, goToBranch } from '../../session/current.ts';
import { rememberRun } from '../../session/lastRun.ts';
import { layBeside, renameBranch, useRun } from '../../session/run.ts';
import { nameOf } from '../../trace/branchName.ts';

export function BranchList({ tree, onRemoved }: { tree: TraceTree; onRemoved: () => void }) {
  const [naming, setNaming] = useState(false);
  const current = branchOf(tree, tree.current) as Branch;

  /** Left and right move among the branches, as among tabs. */
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || !(event.target instanceof HTMLButtonElement)) return;
    const next = event.target.closest('li')?.[by < 0 ? 'previousElementSibling' : 'nextElementSibling'];
    const button = next?.querySelector('button');
    button?.focus();
    button?.click();
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="branches">
      <ul className="branch-list" aria-label={m.branches.title} onKeyDown={onKeyDown}>
        {tree.branches.map((branch) => (
          <li key={branch.id}>
            {naming && branch === current ? (
              <NameForm branch={branch} onDone={() => setNaming(false)} />
            ) : (
              <BranchButton tree={tree} branch={branch} onRename={() => setNaming(true)} />
            )}
          </li>
        ))}
      </ul>
      <div className="branch-acts">
        <Beside tree={tree} />
        <button
          type="button"
          className="quiet square"
          aria-label={m.branches.rename}
          title={m.branches.rename}
          onClick={() => setNaming(true)}
        >
          <Icon name="pen" />
        </button>
        <button
          type="button"
          className="quiet square"
          aria-label={m.branches.remove}
          title={m.branches.remove}
          onClick={() => void controller.remove(current.id).then(onRemoved)}
        >
          <Icon name="bin" />
        </button>
      </div>
    </div>
  );
}

function BranchButton({ tree, branch, onRename }: { tree: TraceTree; branch: Branch; onRename: () => void }) {
  const writing = useRun((state) => state.writing === branch.id && state.status !== 'idle');
  const parent = branch.parent === undefined ? undefined : branchOf(tree, branch.parent);
  const origin = parent
    ? m.branches.from(nameOf(parent), leftAt(tree, branch))
    : branch === tree.branches[0]
      ? ''
      : m.branches.ownStart;
  const shown = branch.id === tree.current;
  return (
    <button
      type="button"
      className="branch"
      aria-current={shown || undefined}
      onClick={() => goToBranch(branch.id)}
      onDoubleClick={onRename}
    >
      <b>{nameOf(branch)}</b>
      {(writing || origin) && <span>{writing ? m.branches.writing : origin}</span>}
    </button>
  );
}

function NameForm({ branch, onDone }: { branch: Branch; onDone: () => void }) {
  const [name, setName] = useState(nameOf(branch));
  // Taking a focused field away blurs it, and Escape means not to save.
  const left = useRef(false);
  const save = () => {
    if (left.current) return;
    left.current = true;
    renameBranch(branch.id, name === m.branches.letter(branch.id) ? '' : name);
    rememberRun();
    onDone();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <input
        className="branch-name"
        aria-label={m.branches.renameLabel}
        // biome-ignore lint/a11y/noAutofocus: the person has just asked to type here
        autoFocus
        maxLength={LONGEST_NAME}
        value={name}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setName(event.target.value)}
        onBlur={save}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key !== 'Escape') return;
          left.current = true;
          onDone();
        }}
      />
    </form>
  );
}

/** Which branch lies beside the current one. */
function Beside({ tree }: { tree: TraceTree }) {
  const beside = useRun((state) => state.beside);
  return (
    <label className="beside">
      <span>{m.branches.beside}</span>
      <select
        value={beside ?? ''}
        onChange={(event) => layBeside(event.target.value === '' ? undefined : Number(event.target.value))}
      >
        <option value="">{m.branches.none}</option>
        {tree.branches
          .filter(({ id }) => id !== tree.current)
          .map((branch) => (
            <option key={branch.id} value={branch.id}>
              {nameOf(branch)}
            </option>
          ))}
      </select>
    </label>
  );
}
