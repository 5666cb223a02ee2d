/**
 * Work on a device that may be lost at any moment: by a driver's reset, a sleeping laptop, a browser whose graphics process
 * crashed. A loss is no answer to what was asked, so the work is done again on another device, after a wait that grows.
 */

import { UnmaskError } from '../diffusion/error.ts';
import type { EngineDevice } from '../engine/device.ts';
import { said, type Text } from '../text/said.ts';

/** Milliseconds before each further attempt. */
const WAITS = [0, 500, 1000, 2000, 4000, 8000];
/** How long the news of a loss may lag behind the failure it causes. */
const GRACE = 500;

/** A device that others may be using too. */
export interface BorrowedDevice {
  readonly device: EngineDevice;
  giveBack(): void;
}

interface Living {
  readonly signal?: AbortSignal | undefined;
  readonly onLost?: ((reason: Text) => void) | undefined;
  /** A device was lost a moment ago, so that none, or one that does not open, is waited for as well. */
  readonly recovering?: boolean;
  readonly waits?: readonly number[];
}

/**
 * What `work` gives on a device that outlives it. The device is given back when `work` fails, otherwise it is `work`'s.
 * Undefined where there is no adapter, or none any more. Throws what `work` throws while the device lives, the signal's
 * reason, or `UnmaskError` code `device` when devices were lost again and again.
 */
export async function onLivingDevice<T>(
  borrow: () => Promise<BorrowedDevice | undefined>,
  work: (borrowed: BorrowedDevice) => Promise<T>,
  { signal, onLost, recovering = false, waits = WAITS }: Living = {},
): Promise<T | undefined> {
  let lost = recovering;
  for (let attempt = 0; ; attempt++) {
    const last = attempt >= waits.length;
    signal?.throwIfAborted();
    const borrowed = await borrow().catch((error: unknown) => {
      if (!lost || last) throw error;
      return undefined;
    });
    if (borrowed === undefined) {
      if (!lost || last) return undefined;
    } else {
      const { device, giveBack } = borrowed;
      const loss = device.lost.then((loss) => loss.toJSON().message);
      try {
        // A lost device may leave a question unanswered for ever, so the loss itself ends the wait.
        return await Promise.race([work(borrowed), loss.then((reason) => Promise.reject(new LostDevice(reason)))]);
      } catch (error) {
        const known = UnmaskError.from(error);
        const mayBeLost = error instanceof LostDevice || known.code === 'device' || known.code === 'internal';
        const reason = mayBeLost && !signal?.aborted ? await Promise.race([loss, wait(GRACE)]) : undefined;
        giveBack();
        signal?.throwIfAborted();
        if (reason === undefined) throw error;
        if (last) throw again(reason);
        lost = true;
        onLost?.(reason);
      }
    }
    await wait(waits[attempt] as number, signal);
  }
}

/** The device went before the work had ended. */
class LostDevice extends UnmaskError {
  constructor(message: Text) {
    super({ code: 'device', message, remedy: 'Load the model again.' });
  }
}

/** Resolves, with nothing, after a while or at the abort. */
function wait(milliseconds: number, signal?: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve(undefined);
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener('abort', end);
  });
}

/** Devices were lost as often as anybody would wait for. */
export function again(reason: Text = 'no reason given'): UnmaskError {
  return new UnmaskError({
    code: 'device',
    message: said`The graphics device was lost again and again (${reason}).`,
    remedy: 'Close other pages that use the graphics card, then load the model again.',
  });
}
