/** Where the brush for words has touched the text: what shall stand there, and the rest of its sentence is written around it. */
import { m } from '../../messages/index.ts';
import { putWords } from '../../session/putWords.ts';
import { useTools } from '../../session/tools.ts';
import { EditForm } from './EditForm.tsx';

export function PutForm({ place }: { place: readonly number[] }) {
  const [slot] = place;
  if (slot === undefined) return null;
  const done = () => {
    useTools.setState({ place: [] });
    document.getElementById(`slot-${slot}`)?.focus();
  };
  return (
    <div className="put-form">
      <EditForm
        slot={slot}
        {...(place.length > 1 ? { room: place.length } : {})}
        label={m.tools.put}
        blank
        onWrite={putWords}
        onDone={done}
      />
    </div>
  );
}
