import { emitDense } from '../plan/emit/dense.ts';
import { onlyInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { activateValue } from './ops/activations.ts';
import { readActivation } from './read-activation.ts';

/** activation(x · kernel + bias) over the last axis. */
export const dense: LayerType = {
  classNames: ['Dense'],
  prunable: ['kernel'],
  lower: (config) => {
    const units = config.positiveInteger('units');
    const useBias = config.boolean('useBias', true);
    const activation = readActivation(config);
    return (call) => {
      const input = onlyInput(call);
      const inputs = call.plan.value(input).shape.at(-1) ?? 1;
      const sums = emitDense(call.plan, call.name, input, {
        kernel: call.weight('kernel', [inputs, units]),
        outputs: units,
        ...(useBias && { bias: call.weight('bias', [units]) }),
      });
      return [activateValue(call.op, sums, activation)];
    };
  },
};
