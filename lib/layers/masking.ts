import { onlyTensor } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { maskOf } from './mask.ts';
import { combine } from './ops/binary.ts';
import { constant } from './ops/graph-tensor.ts';
import { reduceAxes } from './ops/reduce.ts';

/** Masks the time steps of which every feature is `maskValue`, and makes them zero. */
export const masking: LayerType = {
  classNames: ['Masking'],
  prunable: [],
  wholeModelOnly: true,
  lower: (config) => {
    const value = constant('float32', [], Float32Array.of(config.number('maskValue', 0)));
    return (call) => {
      const { op } = call;
      const input = onlyTensor(call);
      const differs = combine(op, 'notEqual', input, value);
      const mask = maskOf(call, reduceAxes(op, 'any', differs, [input.shape.length - 1], false));
      call.maskOutput(mask);
      const numbers = 'id' in mask ? op.computed(mask.id) : input;
      return [op.portId(combine(op, 'mul', op.computed(op.map(input).id), numbers))];
    };
  },
};
