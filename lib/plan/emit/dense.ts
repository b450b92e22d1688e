import { linear } from '../activations.ts';
import type { PlanBuilder } from '../builder.ts';
import type { ValueId } from '../plan.ts';
import { memoryOrder, transposeKernel } from './operands.ts';

export interface DenseOperands {
  /** Row-major [inputs, outputs]; inputs = the last axis of the input's logical shape. */
  kernel: Float32Array;
  outputs: number;
  /** [outputs] */
  bias?: Float32Array;
}

/** y = x · kernel + bias over the last axis of the input's logical shape. */
export function emitDense(
  plan: PlanBuilder,
  name: string,
  input: ValueId,
  { kernel, outputs, bias }: DenseOperands,
): ValueId {
  const x = plan.value(input);
  const inputs = x.shape.at(-1) ?? 1;
  const weight = transposeKernel(kernel, inputs, outputs, memoryOrder(x));
  return plan.addStep({
    op: 'matmul',
    layer: name,
    inputs: [input],
    output: plan.addValue(name, [...x.shape.slice(0, -1), outputs]),
    weight: plan.addTensor(`${name}/kernel`, [outputs, inputs], weight),
    ...(bias && { bias: plan.addTensor(`${name}/bias`, [outputs], bias) }),
    n: outputs,
    k: inputs,
    activation: linear,
  });
}
