/** One question in one object, as tests like to vary it. */
import { type DrawnSequence, type Network, type Prediction, type PredictOptions, predictOne } from '../network.ts';

export type Asked = DrawnSequence & PredictOptions;

export function ask(
  network: Pick<Network, 'predict'>,
  { topK, suppress, fresh, ...sequence }: Asked,
): Promise<Prediction> {
  const options = { topK, ...(suppress && { suppress }), ...(fresh === undefined ? {} : { fresh }) };
  return predictOne(network, sequence, options);
}

/** log p of the tokens of a text given those before each, `[T − 1]`. */
export async function scoreText(network: Pick<Network, 'score'>, ids: Int32Array): Promise<Float32Array> {
  const asked = Int32Array.from({ length: Math.max(0, ids.length - 1) }, (_, i) => i + 1);
  const [scores] = await network.score([{ ids, asked }], [ids.slice(1)]);
  return scores as Float32Array;
}
