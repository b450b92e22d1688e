import { linear } from '../activations.ts';
import type { PlanBuilder } from '../builder.ts';
import type { ValueId, Window } from '../plan.ts';

export interface Conv2dTransposeOperands {
  /** Row-major [kernel height, kernel width, outputs, input channels]. */
  kernel: Float32Array;
  outputs: number;
  /** [outputs] */
  bias?: Float32Array;
  /** Of the convolution whose gradient this is: kernel, strides, and where it is padded in front. */
  window: Window;
  /** [height, width] of the output. */
  size: readonly [number, number];
}

/**
 * A transposed convolution: one matmul gives what every position adds through every tap, a second step lays it down. So
 * no multiplication with inserted zeros is done, and zeros of the weight are left out as in any matmul.
 */
export function emitConv2dTranspose(
  plan: PlanBuilder,
  name: string,
  input: ValueId,
  { kernel, outputs, bias, window, size }: Conv2dTransposeOperands,
): ValueId {
  const x = plan.value(input);
  const taps = window.kernel[0] * window.kernel[1];
  const rows = outputs * taps;
  const weight = new Float32Array(rows * x.channels);
  for (let tap = 0; tap < taps; tap++) {
    for (let output = 0; output < outputs; output++) {
      const from = (tap * outputs + output) * x.channels;
      weight.set(kernel.subarray(from, from + x.channels), (output * taps + tap) * x.channels);
    }
  }
  const products = plan.addStep({
    op: 'matmul',
    layer: name,
    inputs: [input],
    output: plan.addValue(name, [x.height, x.width, rows]),
    weight: plan.addTensor(`${name}/kernel`, [rows, x.channels], weight),
    n: rows,
    k: x.channels,
    activation: linear,
  });
  return plan.addStep({
    op: 'overlapAdd',
    layer: name,
    inputs: [products],
    output: plan.addValue(name, [...size, outputs]),
    ...(bias && { bias: plan.addTensor(`${name}/bias`, [outputs], bias) }),
    window,
    activation: linear,
  });
}
