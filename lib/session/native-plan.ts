import { nativeActivation } from '../native/activation.ts';
import type { NativeChoice, NativePlan, NativeStep, NativeWindow } from '../native/bindings.ts';
import { isFlattened } from '../plan/geometry.ts';
import type { Plan, PlanStep, Window } from '../plan/plan.ts';

function nativeWindow({ kernel, strides, dilations, padding }: Window): NativeWindow {
  return {
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideY: strides[0],
    strideX: strides[1],
    dilationY: dilations[0],
    dilationX: dilations[1],
    padTop: padding[0],
    padLeft: padding[2],
  };
}

function nativeStep(plan: Plan, step: PlanStep, choice: NativeChoice | undefined): NativeStep {
  const data = (name: string | undefined) => (name === undefined ? undefined : plan.tensors[name]!.data);
  const common = { input: step.inputs[0]!, output: step.output };
  switch (step.op) {
    case 'matmul':
    case 'conv2d':
      return {
        ...common,
        op: step.op,
        n: step.n,
        k: step.k,
        weight: data(step.weight),
        bias: data(step.bias),
        activation: nativeActivation('plan', step.activation),
        ...(step.op === 'conv2d' ? { window: nativeWindow(step.window) } : {}),
        choice,
      };
    case 'depthwise':
      return {
        ...common,
        op: 'depthwise',
        weight: data(step.weight),
        bias: data(step.bias),
        multiplier: step.multiplier,
        window: nativeWindow(step.window),
        activation: nativeActivation('plan', step.activation),
      };
    case 'pool':
      return {
        ...common,
        op: step.mode === 'max' ? 'maxPool' : 'avgPool',
        window: nativeWindow(step.window),
      };
    case 'affine':
      return {
        ...common,
        op: 'affine',
        weight: data(step.scale),
        bias: data(step.shift),
        activation: nativeActivation('plan', step.activation),
      };
    case 'activation':
      return { ...common, op: 'activation', activation: nativeActivation('plan', step.activation) };
    case 'softmax':
      return { ...common, op: 'softmax', whole: isFlattened(plan.values[step.output]!) };
    case 'alias':
      return { ...common, op: 'alias' };
  }
}

/** The plan as the addon takes it: sizes, weights, and how each product runs. */
export function nativePlan(plan: Plan, choices: ReadonlyMap<PlanStep, NativeChoice>): NativePlan {
  return {
    values: plan.values.map(({ channels, height, width }) => ({ channels, height, width })),
    steps: plan.steps.map((step) => nativeStep(plan, step, choices.get(step))),
    inputs: plan.inputs.map((port) => port.value),
    outputs: plan.outputs.map((port) => port.value),
  };
}
