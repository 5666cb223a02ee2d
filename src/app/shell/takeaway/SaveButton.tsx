/** Saves a file that has been made, and says how large it is before. */

import { Icon } from '../../fields/Icon.tsx';
import { m } from '../../messages/index.ts';
import { saveBlob } from '../../session/save.ts';
import { fileSize } from './size.ts';
import type { Made } from './useMade.ts';

interface Props {
  readonly label: string;
  readonly made: Made<Blob>;
  readonly name: string;
  readonly strong?: boolean;
}

export function SaveButton({ label, made: { value, failed }, name, strong = true }: Props) {
  return (
    <>
      <button
        type="button"
        className={strong ? 'outline takeaway-save' : 'outline'}
        disabled={!value}
        onClick={() => value && saveBlob(value, name)}
      >
        <Icon name="save" />
        {label}
        <span className="takeaway-size">{value ? fileSize(value.size) : failed ? '' : m.takeaway.measuring}</span>
      </button>
      {failed && (
        <p className="note error" role="alert">
          {failed}
        </p>
      )}
    </>
  );
}
