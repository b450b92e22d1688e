import type {
  AffineStep,
  Conv2dStep,
  DepthwiseStep,
  MatmulStep,
  Plan,
  PlanStep,
  PlanTensor,
} from '../plan.ts';
import { addTensor } from './add-tensor.ts';
import { joinLayers, mergePairs } from './pairs.ts';

/**
 * A batch normalization behind a matmul or a convolution goes into its weights: W'[n] = scale[n] · W[n],
 * b'[n] = scale[n] · b[n] + shift[n], in float64 and rounded once. An exact zero stays one, whatever the scale. Behind another
 * one it goes into that.
 */
export function foldAffine(plan: Plan): Plan {
  const tensors = { ...plan.tensors };
  const steps = mergePairs(plan, (before, step) => {
    if (step.op !== 'affine') return undefined;
    if (before.op === 'affine') return join(before, step, tensors);
    return isLinear(before) ? fold(before, step, tensors) : undefined;
  });
  return { ...plan, steps, tensors };
}

type Linear = MatmulStep | Conv2dStep | DepthwiseStep;

function isLinear(step: PlanStep): step is Linear {
  const { op } = step;
  if (op !== 'matmul' && op !== 'conv2d' && op !== 'depthwise') return false;
  // What a second input adds is not scaled by the weights.
  return step.activation.type === 'linear' && step.inputs.length === 1;
}

function fold(before: Linear, affine: AffineStep, tensors: Record<string, PlanTensor>): Linear | undefined {
  const weight = tensors[before.weight]!;
  const scale = tensors[affine.scale]!.data;
  const shift = tensors[affine.shift]!.data;
  const [outputs, inputs] = weight.shape as [number, number];
  // A scale for every position (behind a flatten) is no scale of outputs.
  if (scale.length !== outputs) return undefined;
  const bias = before.bias === undefined ? undefined : tensors[before.bias]!.data;
  const scaled = scaleRows(weight.data, inputs, scale);
  const shifted = shift.map((value, n) => (bias?.[n] ?? 0) * scale[n]! + value);
  const layer = joinLayers(before, affine);
  return {
    ...before,
    layer,
    output: affine.output,
    activation: affine.activation,
    weight: addTensor(tensors, `${layer}/kernel`, { shape: [...weight.shape], data: scaled }),
    bias: addTensor(tensors, `${layer}/bias`, { shape: [outputs], data: shifted }),
  };
}

/** Two in a row are one. */
function join(
  before: AffineStep,
  affine: AffineStep,
  tensors: Record<string, PlanTensor>,
): AffineStep | undefined {
  const [first, second] = [before, affine].map((step) => ({
    scale: tensors[step.scale]!.data,
    shift: tensors[step.shift]!.data,
  })) as [Record<'scale' | 'shift', Float32Array>, Record<'scale' | 'shift', Float32Array>];
  // One may be of channels, the other of every feature.
  const { length } = first.scale;
  if (before.activation.type !== 'linear' || second.scale.length !== length) return undefined;
  const layer = joinLayers(before, affine);
  const scale = first.scale.map((value, c) => value * second.scale[c]!);
  const shift = first.shift.map((value, c) => value * second.scale[c]! + second.shift[c]!);
  // What overflows together need not have done so one after the other.
  if (![...scale, ...shift].every(Number.isFinite)) return undefined;
  return {
    ...affine,
    layer,
    inputs: before.inputs,
    scale: addTensor(tensors, `${layer}/scale`, { shape: [length], data: scale }),
    shift: addTensor(tensors, `${layer}/shift`, { shape: [length], data: shift }),
  };
}

function scaleRows(weight: Float32Array, inputs: number, scale: Float32Array): Float32Array {
  const scaled = new Float32Array(weight.length);
  for (let row = 0, i = 0; row < scale.length; row++) {
    for (const end = i + inputs; i < end; i++) scaled[i] = weight[i] === 0 ? 0 : weight[i]! * scale[row]!;
  }
  return scaled;
}
