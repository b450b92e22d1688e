import { onlyTensor } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { activate } from './ops/activations.ts';
import { combine } from './ops/binary.ts';
import { constant } from './ops/graph-tensor.ts';

/** x where x > 0, alpha · (exp(x) - 1) elsewhere. */
export const elu: LayerType = {
  classNames: ['ELU'],
  prunable: [],
  lower: (config) => {
    const alpha = config.number('alpha', 1);
    return (call) => {
      const { op } = call;
      const x = onlyTensor(call);
      if (alpha === 1) return [op.portId(activate(op, x, { type: 'elu' }))];
      const negative = activate(op, activate(op, x, { type: 'clamp', max: 0 }), { type: 'elu' });
      const scaled = combine(op, 'mul', negative, constant('float32', [], Float32Array.of(alpha)));
      return [op.portId(combine(op, 'add', activate(op, x, { type: 'relu' }), scaled))];
    };
  },
};
