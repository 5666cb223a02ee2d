/**
 * Parts of the page that are fetched when they are first wanted. One that cannot be fetched says so where it would stand,
 * and everything else goes on. Browsers may keep a failed import for as long as the page is open (Chromium does), so the
 * way to it is to reload: once the server answers, because without it the page itself would be gone.
 */
import { Component, type ComponentProps, type ComponentType, lazy, type ReactNode, Suspense, useState } from 'react';
import { m, speakInViews } from '../messages/index.ts';
import { Modal } from './Modal.tsx';

interface Options {
  /** Where it stands. An `extra` is not missed: nothing is said when it does not come. */
  readonly as?: 'part' | 'view' | 'dialog' | 'extra';
  /** Shown until it is here. */
  readonly room?: ReactNode;
  /** Closes a dialog that is not told how by `onClose`. */
  readonly close?: () => void;
}

// biome-ignore lint/suspicious/noExplicitAny: a component of whatever properties, as React's own lazy takes it
type Any = ComponentType<any>;

/** A component that `load` gives; `load` is asked once, when it is first drawn. */
export function fetched<C extends Any>(
  load: () => Promise<C>,
  options: Options = {},
): ComponentType<ComponentProps<C>> {
  const { as = 'part', room = as === 'view' ? <main aria-busy="true" /> : null } = options;
  const Part = lazy(async () => {
    try {
      return { default: await load() };
    } catch (cause) {
      throw new NotFetched('A part of the page could not be fetched', { cause });
    }
  });
  return function Fetched(props) {
    const close = options.close ?? (props as { onClose?: () => void }).onClose;
    return (
      <Missing instead={as === 'extra' ? null : <Instead as={as} close={close} />}>
        <Suspense fallback={room}>
          <Part {...props} />
        </Suspense>
      </Missing>
    );
  };
}

/** The same for a part that says what the views beside Generate say: its words are fetched with it. */
export const fetchedWithWords = <C extends Any>(load: () => Promise<C>, options?: Options) =>
  fetched(async () => (await Promise.all([load(), speakInViews()]))[0], options);

class NotFetched extends Error {}

class Missing extends Component<{ instead: ReactNode; children: ReactNode }, { readonly error: unknown }> {
  override state = { error: undefined as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    // What a part that is here throws is for the boundary around the view.
    if (!(error instanceof NotFetched)) throw error;
    return this.props.instead;
  }
}

function Instead({ as, close }: { as: 'part' | 'view' | 'dialog'; close: (() => void) | undefined }) {
  const [silent, setSilent] = useState(false);
  const reload = async () => {
    setSilent(false);
    try {
      const { ok } = await fetch(location.pathname, { cache: 'no-store' });
      if (ok) location.reload();
      setSilent(!ok);
    } catch {
      setSilent(true);
    }
  };
  const words = (
    <>
      <p>{m.errors.notFetchedHelp}</p>
      {silent && <p role="status">{m.errors.noAnswer}</p>}
      <div className="stopped-acts">
        <button type="button" className="go" onClick={() => void reload()}>
          {m.errors.reload}
        </button>
      </div>
    </>
  );
  if (as === 'dialog') {
    return (
      <Modal open title={m.errors.notFetched} className="not-fetched" onClose={() => close?.()}>
        {words}
      </Modal>
    );
  }
  const [Place, Heading] = as === 'view' ? (['main', 'h1'] as const) : (['section', 'h2'] as const);
  return (
    <Place className="stopped">
      <div role="alert">
        <Heading>{m.errors.notFetched}</Heading>
      </div>
      {words}
    </Place>
  );
}
