import type { Tensor } from '@tensorflow/tfjs-core';
import { tfc } from '../peers.ts';
import type { PrunedWeight } from '../pruned-weight.ts';

/** W' = M · W, whose gradient trains the scores and reaches the weight where it is kept. */
function masked(weight: PrunedWeight): Tensor {
  const { variable, keep, scores } = weight;
  const choose = (tensor: Tensor) => tfc.where(keep, tensor, tfc.zerosLike(tensor));
  const read = tfc.customGrad((values) => ({
    value: choose(values as Tensor),
    gradFunc: (gradient: Tensor) => {
      scores?.learn(gradient, variable);
      return choose(gradient);
    },
  }));
  return read(variable);
}

/** Runs a layer's call with its weights masked in the graph instead of in their variables. */
export function withMaskedReads<T>(weights: readonly PrunedWeight[], call: () => T): T {
  const changed = weights.filter(({ scores }) => scores !== undefined);
  if (changed.length === 0) return call();
  for (const weight of changed) {
    const value = masked(weight);
    weight.weight.read = () => value;
  }
  try {
    return call();
  } finally {
    for (const { weight } of changed) Reflect.deleteProperty(weight, 'read');
  }
}
