/** What a lesson takes from view or locks: controls of one group in a frame, and the sentence on a locked one. */
import type { ReactNode } from 'react';
import { m } from '../messages/index.ts';
import { useRule } from '../session/lesson.ts';
import type { Group } from '../session/lessonLink.ts';
import { Icon } from './Icon.tsx';

/** Controls of one group: not there when the lesson hides them; shown but of no use, with the reason, when it locks them. */
export function Ruled({ group, children }: { group: Group; children: ReactNode }) {
  const rule = useRule(group);
  if (rule === 'hidden') return null;
  if (rule === 'free') return children;
  return (
    <fieldset className="ruled" disabled title={m.links.locked}>
      <legend className="hidden">{m.links.locked}</legend>
      {children}
    </fieldset>
  );
}

/** Stands where a locked control is explained, and is part of its description. */
export function Locked() {
  return (
    <>
      <span className="locked">
        <Icon name="lock" />
        {m.links.locked}
      </span>{' '}
    </>
  );
}
