import { native } from '../native/load.ts';
import { sizeOf } from './geometry.ts';
import { nativePlan } from './native-plan.ts';
import type { Plan, PlanStep, PlanValue, ValueDtype } from './plan.ts';

/** A known array: what a weight, a shape or a folded operation is. A bool is an int32 of 0 or 1. */
export interface Constant {
  kind: 'constant';
  dtype: ValueDtype;
  shape: readonly number[];
  data: Float32Array | Int32Array;
}

/** An array step without its values. */
export type ArrayOperation = PlanStep extends infer Step
  ? Step extends PlanStep
    ? Omit<Step, 'layer' | 'inputs' | 'output'>
    : never
  : never;

/** What an array step makes of constants, by the very step that a session would run. */
export function evaluate(
  operation: ArrayOperation,
  inputs: readonly Constant[],
  shape: readonly number[],
  dtype: ValueDtype,
): Constant {
  const values: PlanValue[] = [...inputs, { shape, dtype }].map((value) => ({
    name: 'constant',
    shape: [...value.shape],
    channels: sizeOf(value.shape),
    height: 1,
    width: 1,
    dtype: value.dtype,
    layout: 'array',
    fixed: true,
  }));
  const plan: Plan = {
    version: 1,
    inputs: [],
    outputs: [{ name: 'constant', value: inputs.length }],
    values,
    steps: [],
    tensors: {},
    integers: {},
  };
  inputs.forEach(({ data, shape: [...size] }, i) => {
    const tensor = String(i);
    if (data instanceof Float32Array) plan.tensors[tensor] = { shape: size, data };
    else plan.integers![tensor] = { shape: size, data };
    plan.steps.push({ op: 'constant', layer: 'constant', inputs: [], output: i, tensor });
  });
  plan.steps.push({
    ...operation,
    layer: 'constant',
    inputs: inputs.map((_, i) => i),
    output: inputs.length,
  } as PlanStep);
  const data = dtype === 'float32' ? new Float32Array(sizeOf(shape)) : new Int32Array(sizeOf(shape));
  const handle = native().createSession(nativePlan(plan, new Map()), 1);
  try {
    native().runMany(handle, 1, [], [data]);
  } finally {
    native().disposeSession(handle);
  }
  return { kind: 'constant', dtype, shape: [...shape], data };
}
