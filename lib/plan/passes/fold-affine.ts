import type {
  AffineStep,
  Conv2dStep,
  DepthwiseStep,
  MatmulStep,
  Plan,
  PlanStep,
  PlanTensor,
} from '../plan.ts';
import { joinLayers, mergePairs } from './pairs.ts';

/**
 * A batch normalization behind a matmul or a convolution goes into its weights: W'[n] = scale[n] · W[n],
 * b'[n] = scale[n] · b[n] + shift[n], in float64 and rounded once. An exact zero stays one, whatever the scale.
 */
export function foldAffine(plan: Plan): Plan {
  const tensors = { ...plan.tensors };
  const steps = mergePairs(plan, (before, step) => {
    if (step.op !== 'affine' || !isLinear(before)) return undefined;
    return fold(before, step, tensors);
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

function scaleRows(weight: Float32Array, inputs: number, scale: Float32Array): Float32Array {
  const scaled = new Float32Array(weight.length);
  for (let row = 0, i = 0; row < scale.length; row++) {
    for (const end = i + inputs; i < end; i++) scaled[i] = weight[i] === 0 ? 0 : weight[i]! * scale[row]!;
  }
  return scaled;
}

function addTensor(tensors: Record<string, PlanTensor>, name: string, tensor: PlanTensor): string {
  let key = name;
  for (let i = 2; Object.hasOwn(tensors, key); i++) key = `${name}#${i}`;
  tensors[key] = tensor;
  return key;
}
