import { linear } from '../activations.ts';
import type { PlanBuilder } from '../builder.ts';
import { shapeBehind } from '../geometry.ts';
import type { ValueId, Window } from '../plan.ts';
import { transposeKernel } from './operands.ts';

export interface Conv2dOperands {
  /** Row-major [kernel height, kernel width, input channels, outputs]. */
  kernel: Float32Array;
  outputs: number;
  /** [outputs] */
  bias?: Float32Array;
  window: Window;
}

/** A convolution over a value of shape [height, width, channels], or [steps, channels] as one row. */
export function emitConv2d(
  plan: PlanBuilder,
  name: string,
  input: ValueId,
  { kernel, outputs, bias, window }: Conv2dOperands,
): ValueId {
  const x = plan.value(input);
  const k = window.kernel[0] * window.kernel[1] * x.channels;
  return plan.addStep({
    op: 'conv2d',
    layer: name,
    inputs: [input],
    output: plan.addValue(name, shapeBehind(x, window, outputs)),
    weight: plan.addTensor(`${name}/kernel`, [outputs, k], transposeKernel(kernel, k, outputs)),
    ...(bias && { bias: plan.addTensor(`${name}/bias`, [outputs], bias) }),
    n: outputs,
    k,
    window,
    activation: linear,
  });
}
