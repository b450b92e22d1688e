import { onlyTensor } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { activate } from './ops/activations.ts';
import { BatchIsMixed } from './ops/graph-tensor.ts';
import { permute } from './ops/transpose.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/** exp(x) / sum of exp(x) over an axis, by default the last. */
export const softmax: LayerType = {
  classNames: ['Softmax'],
  prunable: [],
  lower: (config) => {
    const listed = config.axis(-1);
    return (call) => {
      // TensorFlow.js lowers the masked inputs of this layer, and of no other.
      if (call.mask)
        throw new UnsupportedFeature(`softmax of a masked input is not compiled; ${keepInTensorFlow}`);
      const { op } = call;
      const x = onlyTensor(call);
      const axis = op.axisOf(listed, x.shape.length);
      if (axis === 0) throw new BatchIsMixed();
      // The axis changes places with the last, and back.
      const order = x.shape.map((_, i) => i);
      [order[axis], order[order.length - 1]] = [order.length - 1, axis];
      const soft = activate(op, permute(op, x, order), { type: 'softmax' });
      return [op.portId(permute(op, soft, order))];
    };
  },
};
