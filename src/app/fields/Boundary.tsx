/**
 * Where an error stops that was thrown while drawing: the part in which it happened says so, the rest of the page goes on.
 * What was opened or kept may be the cause, so it can be set aside.
 */
import { Component, type ReactNode } from 'react';
import { UnmaskError } from '../../diffusion/error.ts';
import { m } from '../messages/index.ts';
import { toldError } from '../messages/told.ts';

interface Props {
  readonly children: ReactNode;
  /** Takes away what this part draws from; absent where there is nothing to take. */
  readonly onSetAside?: () => Promise<void>;
  /** Saves what was taken away as a file; false when there is none. */
  readonly onSave?: () => Promise<boolean>;
}

interface State {
  readonly error: UnmaskError | undefined;
  /** Drawn anew from scratch when it rises. */
  readonly attempt: number;
  readonly aside: boolean;
}

export class Boundary extends Component<Props, State> {
  override state: State = { error: undefined, attempt: 0, aside: false };

  static getDerivedStateFromError(cause: unknown): Partial<State> {
    return { error: UnmaskError.from(cause) };
  }

  #again = (aside: boolean) => this.setState(({ attempt }) => ({ error: undefined, attempt: attempt + 1, aside }));

  override render(): ReactNode {
    const { error, attempt, aside } = this.state;
    const { children, onSetAside, onSave } = this.props;
    if (!error) {
      return (
        <>
          {aside && onSave && <Aside onSave={onSave} onDismiss={() => this.setState({ aside: false })} />}
          <Fresh key={attempt}>{children}</Fresh>
        </>
      );
    }
    // What can be set aside is a view, in the place of its `main` and its first heading.
    const [Place, Heading] = onSetAside ? (['main', 'h1'] as const) : (['section', 'h2'] as const);
    return (
      <Place className="stopped">
        <div role="alert">
          <Heading>{m.errors.stopped}</Heading>
          <p>{toldError(error)}</p>
          <p className="note">{onSetAside ? m.errors.stoppedHelp : m.errors.stoppedHere}</p>
        </div>
        <div className="stopped-acts">
          <button type="button" className="go" onClick={() => this.#again(false)}>
            {m.errors.retry}
          </button>
          {onSetAside && (
            <button
              type="button"
              className="outline"
              onClick={() =>
                void onSetAside()
                  .catch(() => undefined)
                  .then(() => this.#again(true))
              }
            >
              {m.errors.setAside}
            </button>
          )}
        </div>
      </Place>
    );
  }
}

const Fresh = ({ children }: { children: ReactNode }) => children;

function Aside({ onSave, onDismiss }: { onSave: () => Promise<boolean>; onDismiss: () => void }) {
  return (
    <div className="notice aside" role="status">
      <p>
        {m.errors.isAside}
        <button type="button" onClick={() => void onSave().catch(() => false)}>
          {m.errors.saveAside}
        </button>
        <button type="button" onClick={onDismiss}>
          {m.errors.dismiss}
        </button>
      </p>
    </div>
  );
}
