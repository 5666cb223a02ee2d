/** What compiles and packs before a clock runs. */
import type { Network } from './network.ts';

/**
 * One pass of a canvas of `tokens` slots over other words; of a causal network, which keeps what it has read, one of a
 * single token more. Throws as `predict` does.
 */
export async function warmUp(network: Pick<Network, 'info' | 'predict'>, tokens: number): Promise<void> {
  const draw = { seed: 0, step: 0, temperature: 1 };
  const { causal } = network.info;
  for (const length of causal ? [tokens, 1] : [tokens]) {
    const ids = new Int32Array(length);
    const asked = causal ? Int32Array.of(length) : Int32Array.from(ids.keys());
    const cache = causal ? { cache: { kind: 'exact', prefix: 0 } as const } : {};
    await network.predict([{ ids, asked, draw, ...cache }], { topK: 1 });
  }
}
