/** One question about one canvas, as tests write it down. */
import {
  type DrawnSequence,
  type Network,
  type Prediction,
  type PredictOptions,
  predictOne,
} from '../../diffusion/network.ts';

export type Ask = DrawnSequence & PredictOptions;

export function ask(
  network: Pick<Network, 'predict'>,
  { topK, suppress, fresh, ...sequence }: Ask,
): Promise<Prediction> {
  return predictOne(network, sequence, {
    topK,
    ...(suppress === undefined ? {} : { suppress }),
    ...(fresh === undefined ? {} : { fresh }),
  });
}
