/** A failure in words, where it happened. */

import type { ErrorData } from '../../../diffusion/error.ts';
import { toldError } from '../../messages/told.ts';

export function Notice({ error }: { error: ErrorData | undefined }) {
  if (!error) return null;
  return (
    <p className="schedule-error" role="alert">
      {toldError(error)}
    </p>
  );
}
