import type { AffineStep, BinaryStep, Plan, PlanStep, PlanTensor, ValueId } from '../plan.ts';
import { addTensor } from './add-tensor.ts';
import { removeDead } from './remove-dead.ts';

/**
 * Activations that models spell out: x/6 · relu6(x + 3) is a hard swish, whatever a quantization made of the sixth, relu(x) + a · (x - |x|) a parametric ReLU. One pass over
 * memory each, or none, where the step before can end in it; the same bits.
 */
export function fuseIdioms(plan: Plan): Plan {
  const makers = new Map<ValueId, PlanStep>(plan.steps.map((step) => [step.output, step]));
  const tensors = { ...plan.tensors };
  const steps = plan.steps.map((step) => {
    if (step.op !== 'binary' || plan.values[step.output]!.layout === 'array') return step;
    const [a, b] = step.inputs.map((input) => makers.get(input));
    if (!a || !b) return step;
    const { channels } = plan.values[step.output]!;
    const fuse = (x: PlanStep, y: PlanStep) => join(step, x, y, channels, makers, tensors);
    return fuse(a, b) ?? fuse(b, a) ?? step;
  });
  return steps.every((step, i) => step === plan.steps[i]) ? plan : removeDead({ ...plan, steps, tensors });
}

type Makers = ReadonlyMap<ValueId, PlanStep>;
type Tensors = Record<string, PlanTensor>;

function join(
  step: BinaryStep,
  a: PlanStep,
  b: PlanStep,
  channels: number,
  makers: Makers,
  tensors: Tensors,
): PlanStep | undefined {
  if (step.activation.type !== 'linear') return undefined;
  const { layer, output } = step;
  const [x] = a.inputs;
  const base = { layer, inputs: [x!], output };
  const factor = step.function === 'mul' ? factorOf(a, b, tensors) : undefined;
  if (factor !== undefined)
    return { op: 'activation', ...base, activation: { type: 'hardSwish', alpha: factor } };
  const slopes = step.function === 'add' ? slopesOf(a, b, makers, tensors) : undefined;
  if (slopes?.length !== channels) return undefined;
  const alpha = addTensor(tensors, `${layer}/alpha`, { shape: [slopes.length], data: slopes });
  return { op: 'prelu', ...base, alpha };
}

/** Of alpha · x and relu6(x + 3): alpha, where it is one number. */
function factorOf(a: PlanStep, b: PlanStep, tensors: Tensors): number | undefined {
  if (a.op !== 'affine' || b.op !== 'affine' || a.inputs[0] !== b.inputs[0]) return undefined;
  const alpha = tensors[a.scale]!.data[0]!;
  const fits =
    a.activation.type === 'linear' &&
    b.activation.type === 'relu6' &&
    Number.isFinite(alpha) &&
    isAll(tensors, a, alpha, 0) &&
    isAll(tensors, b, 1, 3);
  return fits ? alpha : undefined;
}

const isAll = (tensors: Tensors, { scale, shift }: AffineStep, times: number, plus: number) =>
  tensors[scale]!.data.every((value) => value === times) &&
  tensors[shift]!.data.every((value) => value === plus);

/** Of relu(x) and a · (x - |x|), which is 2a · x below zero and 0 above: 2a for each channel. */
function slopesOf(
  relu: PlanStep,
  scaled: PlanStep,
  makers: Makers,
  tensors: Tensors,
): Float32Array | undefined {
  const [x] = relu.inputs;
  if (relu.op !== 'activation' || relu.activation.type !== 'relu') return undefined;
  if (scaled.op !== 'affine' || scaled.activation.type !== 'linear') return undefined;
  const difference = makers.get(scaled.inputs[0]!);
  if (difference?.op !== 'binary' || difference.function !== 'sub' || difference.inputs[0] !== x)
    return undefined;
  const magnitude = makers.get(difference.inputs[1]!);
  if (magnitude?.op !== 'unary' || magnitude.function !== 'abs' || magnitude.inputs[0] !== x)
    return undefined;
  const { data } = tensors[scaled.scale]!;
  const isPlain =
    difference.activation.type === 'linear' && tensors[scaled.shift]!.data.every((v) => v === 0);
  return isPlain ? data.map((value) => 2 * value) : undefined;
}
