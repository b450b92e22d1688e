import { emitReshape } from '../plan/emit/reshape.ts';
import { sizeOf } from '../plan/geometry.ts';
import { onlyInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';

/** [..., features] -> one vector, in row-major order. */
export const flatten: LayerType = {
  classNames: ['Flatten'],
  prunable: [],
  lower: (config) => {
    config.requireChannelsLast();
    return (call) => {
      const input = onlyInput(call);
      // A vector is always an alias away: flatten never moves anything.
      return [emitReshape(call.plan, call.name, input, [sizeOf(call.plan.value(input).shape)]) ?? input];
    };
  },
};
