import { onlyTensor } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { permute as permuteAxes } from './ops/transpose.ts';

/** The axes in another order; `dims` counts them from 1, behind the batch. */
export const permute: LayerType = {
  classNames: ['Permute'],
  prunable: [],
  lower: (config) => {
    const dims = config.get('dims');
    if (!Array.isArray(dims) || ![...dims].sort((a, b) => a - b).every((axis, i) => axis === i + 1))
      throw config.wrong('dims', 'the axes 1, 2, … in any order', dims);
    return (call) => [call.op.portId(permuteAxes(call.op, onlyTensor(call), [0, ...dims]))];
  },
};
