import { linear } from '../activations.ts';
import type { PlanBuilder } from '../builder.ts';
import { shapeBehind } from '../geometry.ts';
import type { ValueId, Window } from '../plan.ts';
import { transposeKernel } from './operands.ts';

export interface DepthwiseOperands {
  /** Row-major [kernel height, kernel width, channels, multiplier]. */
  kernel: Float32Array;
  multiplier: number;
  /** [channels · multiplier] */
  bias?: Float32Array;
  window: Window;
}

/** A convolution of each channel by itself; output channel c · multiplier + q reads channel c. */
export function emitDepthwise(
  plan: PlanBuilder,
  name: string,
  input: ValueId,
  { kernel, multiplier, bias, window }: DepthwiseOperands,
): ValueId {
  const x = plan.value(input);
  const outputs = x.channels * multiplier;
  const taps = window.kernel[0] * window.kernel[1];
  return plan.addStep({
    op: 'depthwise',
    layer: name,
    inputs: [input],
    output: plan.addValue(name, shapeBehind(x, window, outputs)),
    weight: plan.addTensor(`${name}/kernel`, [outputs, taps], transposeKernel(kernel, taps, outputs)),
    ...(bias && { bias: plan.addTensor(`${name}/bias`, [outputs], bias) }),
    multiplier,
    window,
    activation: linear,
  });
}
