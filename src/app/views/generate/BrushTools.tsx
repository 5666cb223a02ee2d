/** What pressing on a word does: point, or one of the brushes. */

import { Icon } from '../../fields/Icon.tsx';
import { m } from '../../messages/index.ts';
import { useRule } from '../../session/lesson.ts';
import { useRun } from '../../session/run.ts';
import { TOOLS, takeTool, useTools } from '../../session/tools.ts';

export function BrushTools() {
  const tool = useTools((state) => state.tool);
  const rule = useRule('steer');
  const hasTrace = useRun((state) => state.trace !== undefined);
  if (rule === 'hidden') return null;
  return (
    <fieldset className="segments small brushes" aria-label={m.tools.title} disabled={!hasTrace || rule === 'locked'}>
      {TOOLS.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={one === tool}
          title={m.tools.hint[one]}
          onClick={() => takeTool(one)}
        >
          <Icon name={one === 'word' ? 'pen' : one} />
          {m.tools[one]}
        </button>
      ))}
    </fieldset>
  );
}
