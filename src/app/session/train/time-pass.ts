/** How fast the model is at this moment. */
import { compute, useCompute } from '../compute.ts';

/** Times a pass of the model `name` under the load of this moment, where it is the one that is here and can be timed. */
export async function timePassNow(name: string): Promise<void> {
  const { status, model } = useCompute.getState();
  if (status !== 'ready' || model?.id !== name || model.passMilliseconds === undefined) return;
  for await (const { milliseconds } of (await compute()).run('timePass', {})) {
    if (useCompute.getState().model !== model) return;
    useCompute.setState(({ passes }) => ({ passes: { ...passes, [name]: milliseconds } }));
  }
}
