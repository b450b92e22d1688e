import type { LayerType } from './layer-type.ts';
import { join } from './ops/concat.ts';
import { BatchIsMixed } from './ops/graph-tensor.ts';

/** The inputs one behind the other along an axis, by default the last. */
export const concatenate: LayerType = {
  classNames: ['Concatenate'],
  prunable: [],
  lower: (config) => {
    const axis = config.axis(-1);
    return ({ op }) => {
      const counted = op.axisOf(axis, op.input(0).shape.length);
      if (counted === 0) throw new BatchIsMixed();
      return [op.portId(join(op, op.inputs, counted))];
    };
  },
};
