import type { ValueId } from '../plan/plan.ts';
import type { LayerCall } from './layer-call.ts';
import type { Mask } from './mask-type.ts';
import { castTo } from './ops/cast.ts';
import type { GraphTensor } from './ops/graph-tensor.ts';
import { reshapeTo } from './ops/reshape.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/** Classes whose output has the mask of their first input, by `supportsMasking` of TensorFlow.js 4.22. */
const passing: ReadonlySet<string> = new Set([
  'Activation',
  'AlphaDropout',
  'BatchNormalization',
  'Dense',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'LayerNormalization',
  'PReLU',
  'ReLU',
  'SpatialDropout1D',
  'TimeDistributed',
]);

/** Classes that make one mask of several; TensorFlow.js gives it an axis too many. */
const merging: ReadonlySet<string> = new Set([
  'Add',
  'Average',
  'Concatenate',
  'Maximum',
  'Minimum',
  'Multiply',
  'Subtract',
]);

/** The mask of a layer's output, unless the layer makes its own. */
export function maskBehind(className: string, masks: readonly (Mask | undefined)[]): Mask | undefined {
  if (passing.has(className)) return masks[0];
  if (!merging.has(className) || masks.every((mask) => mask === undefined)) return undefined;
  return { trouble: `its mask comes through a layer of class ${className}` };
}

/** What a layer reads that has no masked input where another layer had one. */
export const staleMask = {
  trouble:
    'its input has no mask but that of another layer has, and TensorFlow.js may apply the last one that it has seen',
};

/**
 * The mask of a layer's first input, as a map; `undefined`: every time step counts.
 *
 * @throws {@link UnsupportedFeature} where it is not clear which mask that is
 */
export function readMask(call: LayerCall): ValueId | undefined {
  const { mask } = call;
  if (mask === undefined || 'id' in mask) return mask?.id;
  throw new UnsupportedFeature(`${mask.trouble}; ${keepInTensorFlow}`);
}

/** A tensor of bools [batch, ...axes] as a mask. */
export function maskOf({ op }: LayerCall, bools: GraphTensor): Mask {
  const numbers = castTo(op, bools, 'float32');
  return { id: op.map(reshapeTo(op, numbers, [...bools.shape, 1])).id };
}
