/** A quiet square button that shows an icon and is named by a label. */
import { Icon, type IconName } from './Icon.tsx';

interface Props {
  readonly icon: IconName;
  readonly label: string;
  readonly title?: string;
  readonly disabled: boolean;
  readonly onClick: () => void;
}

export function IconButton({ icon, label, title = label, disabled, onClick }: Props) {
  return (
    <button
      type="button"
      className="quiet square"
      disabled={disabled}
      onClick={onClick}
      aria-label={label}
      title={title}
    >
      <Icon name={icon} />
    </button>
  );
}
