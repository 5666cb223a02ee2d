/**
 * "Copy link", on every view: the button copies what most people mean, the menu beside it the rest, and leads to the
 * teacher's dialog. What was copied is said on the button for a moment.
 */
import { type ReactNode, useId, useRef, useState } from 'react';
import { MOST_LINK } from '../../../diffusion/link-text.ts';
import { CopyButton, useCopy } from '../../fields/CopyButton.tsx';
import { Icon } from '../../fields/Icon.tsx';
import { m } from '../../messages/index.ts';
import { type MomentLink, momentIsMeant, momentLink, settingsQuery } from '../../session/generateLink.ts';
import { addressOf } from '../../session/linkAddress.ts';
import { openTeacher } from '../../session/teacher.ts';
import './links.css';

/** For a view whose state is its query. */
export function CopyLink({ view, query }: { view: string; query: () => string }) {
  return (
    <div className="copy-link">
      <CopyButton icon="link" label={m.controls.copyLink} text={() => addressOf(view, query())} />
      <More page={() => ({ view, query: query() })} />
    </div>
  );
}

/** For Generate, where the text on the sheet has a link of its own. */
export function CopyGenerateLink() {
  const { said, copy, say } = useCopy();
  const copySettings = () => {
    const address = addressOf('generate', settingsQuery());
    if (address.length > MOST_LINK) say(m.links.copied.long);
    else copy(address, m.links.copied.settings);
  };
  const copyMoment = () => {
    const link = momentLink();
    if ('query' in link) copy(addressOf('generate', link.query), m.links.copied.moment(link.step));
  };
  const copyMeant = () => {
    if (momentIsMeant() && 'query' in momentLink()) copyMoment();
    else copySettings();
  };
  return (
    <div className="copy-link">
      <button type="button" className="quiet copy" onClick={copyMeant}>
        <Icon name="link" />
        <span aria-live="polite">{said ?? m.controls.copyLink}</span>
      </button>
      <More page={() => ({ view: 'generate', query: settingsQuery() })}>
        {(close) => <MomentItems onMoment={() => close(copyMoment)} onSettings={() => close(copySettings)} />}
      </More>
    </div>
  );
}

function MomentItems({ onMoment, onSettings }: { onMoment: () => void; onSettings: () => void }) {
  const link = momentLink();
  return (
    <>
      <button type="button" disabled={'reason' in link} onClick={onMoment}>
        <b>{m.links.moment[0]}</b>
        <span>{'reason' in link ? whyNot(link) : m.links.momentHelp(link.step)}</span>
      </button>
      <button type="button" onClick={onSettings}>
        <b>{m.links.settings[0]}</b>
        <span>{m.links.settings[1]}</span>
      </button>
    </>
  );
}

function whyNot({ reason, length }: Extract<MomentLink, { reason: string }>): string {
  if (reason === 'none') return m.links.momentNone;
  return reason === 'unsaid' ? m.links.momentUnsaid : m.links.momentLong(length, MOST_LINK);
}

interface MoreProps {
  readonly page: () => { readonly view: string; readonly query: string };
  /** Further items; `close` closes the menu and then does something. */
  readonly children?: (close: (then: () => void) => void) => ReactNode;
}

function More({ page, children }: MoreProps) {
  const menu = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const id = useId();
  const close = (then: () => void) => {
    menu.current?.hidePopover();
    then();
  };
  return (
    <>
      <button type="button" className="quiet square" popoverTarget={id} aria-label={m.links.more} title={m.links.more}>
        <Icon name="down" />
      </button>
      <div
        ref={menu}
        id={id}
        className="menu links-menu"
        popover="auto"
        onToggle={(event) => setOpen(event.newState === 'open')}
      >
        {open && children?.(close)}
        <button type="button" onClick={() => close(() => openTeacher(page()))}>
          <b>{m.links.lesson[0]}</b>
          <span>{m.links.lesson[1]}</span>
        </button>
      </div>
    </>
  );
}
