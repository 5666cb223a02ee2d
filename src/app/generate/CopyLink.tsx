/** Copies the address of this page with the settings as they stand. */
import { m } from '../messages/index.ts';
import { CopyButton } from '../shell/CopyButton.tsx';
import { linkTo, useSettings } from '../stores/settings.ts';

export function CopyLink() {
  return <CopyButton icon="link" label={m.controls.copyLink} text={() => linkTo(useSettings.getState().settings)} />;
}
