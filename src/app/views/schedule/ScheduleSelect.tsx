/** The schedule, which is the one that Generate uses too. */
import { ChoiceField } from '../../fields/ChoiceField.tsx';

export function ScheduleSelect() {
  return <ChoiceField name="schedule" />;
}
