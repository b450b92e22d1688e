import { sizeOf } from '../plan/geometry.ts';
import { onlyTensor } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { numbersOf } from './ops/graph-tensor.ts';
import { reshapeTo } from './ops/reshape.ts';

/** [..., features] -> one vector, in row-major order. */
export const flatten: LayerType = {
  classNames: ['Flatten'],
  prunable: [],
  lower: (config) => {
    config.requireChannelsLast();
    return (call) => {
      const input = onlyTensor(call);
      const [batch, ...shape] = input.shape;
      return [call.op.portId(reshapeTo(call.op, input, [batch!, sizeOf(numbersOf(shape))]))];
    };
  },
};
