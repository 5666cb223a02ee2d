/** Adapters, folded away: what stands in there is fetched when somebody looks. */
import { useState } from 'react';
import { fetchedWithWords } from '../../fields/fetched.tsx';
import { Icon } from '../../fields/Icon.tsx';
import { m } from '../../messages/index.ts';
import { useCompute } from '../../session/compute.ts';
import { useRule } from '../../session/lesson.ts';

const AdapterPart = fetchedWithWords(async () => (await import('./AdapterPart.tsx')).AdapterPart);

export function Adapter() {
  const [seen, setSeen] = useState(false);
  const name = useCompute((state) => state.model?.adapter?.id);
  // An adapter is a part of the model.
  if (useRule('model') !== 'free') return null;
  return (
    <details className="more" onToggle={(event) => event.currentTarget.open && setSeen(true)}>
      <summary>
        {m.controls.adapter}
        {name !== undefined && <span className="count">{name}</span>}
        <Icon name="down" />
      </summary>
      {seen && <AdapterPart />}
    </details>
  );
}
