import { PlanBuilder } from '../plan/builder.ts';
import { emitActivation } from '../plan/emit/activation.ts';
import { emitDense } from '../plan/emit/dense.ts';
import { optimizePlan } from '../plan/passes/optimize.ts';
import type { Plan, PlanActivation } from '../plan/plan.ts';

/** y = activation(x · kernel + bias), kernel [inputs, outputs]. */
export interface Product {
  name: string;
  kernel: Float32Array;
  inputs: number;
  outputs: number;
  bias?: Float32Array;
  activation: PlanActivation;
}

/** The plan of one product. */
export function productPlan({ name, kernel, inputs, outputs, bias, activation }: Product): Plan {
  const plan = new PlanBuilder();
  const x = plan.input('x', [inputs]);
  const sums = emitDense(plan, name, x, { kernel, outputs, ...(bias && { bias }) });
  plan.output('y', emitActivation(plan, name, sums, activation));
  return optimizePlan(plan.finish());
}

/** `values` [rows, cols] as [cols, rows]. */
export function transposed(values: Float32Array, rows: number, cols: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) out[c * rows + r] = values[r * cols + c]!;
  return out;
}

/**
 * A fused activation of TF.js's kernels and graphs, as plans have it; undefined for one that no step computes.
 *
 * @param alpha - slope of `leakyrelu`
 */
export function fusedActivation(
  name: string | undefined,
  alpha: number | undefined,
): PlanActivation | undefined {
  switch (name) {
    case undefined:
    case 'linear':
      return { type: 'linear' };
    case 'relu':
    case 'relu6':
    case 'elu':
    case 'sigmoid':
      return { type: name };
    case 'leakyrelu':
      return { type: 'leakyRelu', alpha: alpha ?? 0.2 };
    default:
      return undefined;
  }
}
