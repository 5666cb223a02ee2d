/** A button that asks for files; the same file may be chosen again. */
import { type ReactNode, useRef } from 'react';

interface Props {
  /** What it says, and the name of its input. */
  readonly label: string;
  /** What an `accept` attribute says. */
  readonly accept: string;
  readonly onFiles: (files: readonly File[]) => void;
  readonly multiple?: boolean;
  readonly disabled?: boolean;
  readonly className?: string;
  /** Before the label. */
  readonly icon?: ReactNode;
}

export function FileButton({ label, accept, onFiles, multiple, disabled, className = 'outline', icon }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" className={className} disabled={disabled} onClick={() => input.current?.click()}>
        {icon}
        {label}
      </button>
      <input
        ref={input}
        type="file"
        accept={accept}
        multiple={multiple}
        hidden
        aria-label={label}
        onChange={({ target }) => {
          const files = [...(target.files ?? [])];
          target.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </>
  );
}
