import { onlyTensor, weightTensor } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { leak } from './ops/activations.ts';
import { numbersOf } from './ops/graph-tensor.ts';

/** x where it is positive, alpha · x elsewhere; alpha is a weight, of one entry along the shared axes. */
export const prelu: LayerType = {
  classNames: ['PReLU'],
  lower: (config) => {
    const shared = config.get('sharedAxes') ?? [];
    const axes: unknown[] = Array.isArray(shared) ? shared : [shared];
    if (!axes.every((axis) => Number.isInteger(axis) && (axis as number) > 0))
      throw config.wrong('sharedAxes', 'axes from 1', shared);
    return (call) => {
      const input = onlyTensor(call);
      const shape = numbersOf(input.shape.slice(1)).map((size, i) => (axes.includes(i + 1) ? 1 : size));
      return [call.op.portId(leak(call.op, input, weightTensor(call, 'alpha', shape)))];
    };
  },
};
