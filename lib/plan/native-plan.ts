import { nativeActivation } from '../native/activation.ts';
import type { NativeChoice, NativePlan, NativeStep, NativeWindow } from '../native/bindings.ts';
import { isFlattened, sizeOf } from './geometry.ts';
import type { Plan, PlanStep, PlanValue, Window } from './plan.ts';
import { broadcastStrides, rowMajorStrides } from './strides.ts';

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

const isInteger = ({ dtype }: PlanValue) => dtype !== 'float32';

function nativeStep(plan: Plan, step: PlanStep, choice: NativeChoice | undefined): NativeStep {
  const data = (name: string | undefined) => (name === undefined ? undefined : plan.tensors[name]!.data);
  const common = { inputs: step.inputs, output: step.output };
  const y = plan.values[step.output]!;
  const inputs = step.inputs.map((id) => plan.values[id]!);
  const x = inputs[0]!;
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
        op: step.op,
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
        op: step.op,
        weight: data(step.scale),
        bias: data(step.shift),
        activation: nativeActivation('plan', step.activation),
      };
    case 'activation':
      return { ...common, op: step.op, activation: nativeActivation('plan', step.activation) };
    case 'softmax':
      return { ...common, op: step.op, whole: isFlattened(y), n: y.shape.at(-1) ?? 1 };
    case 'normalize': {
      const shape = { whole: isFlattened(y), n: y.shape.at(-1) ?? 1 };
      return { ...common, op: step.op, ...shape, value: step.epsilon };
    }
    case 'constant':
      return { ...common, op: step.op, weight: constantBits(plan, step.tensor) };
    case 'toArray':
      return { ...common, op: step.op, n: plan.batch ?? 1 };
    case 'toMap':
      return { ...common, op: step.op, n: plan.batch ?? 1 };
    case 'binary':
      return {
        ...common,
        op: step.op,
        function: step.function,
        integers: isInteger(x),
        activation: nativeActivation('plan', step.activation),
        ...(y.layout === 'array' && elementwiseLoop(inputs, y)),
      };
    case 'select':
      return { ...common, op: step.op, ...elementwiseLoop(inputs, y) };
    case 'unary':
      return { ...common, op: step.op, function: step.function, integers: isInteger(x) };
    case 'prelu':
      return { ...common, op: step.op, weight: data(step.alpha) };
    case 'pick':
      return {
        ...common,
        op: step.op,
        rows: step.rows,
        columns: step.columns,
        channels: step.channels,
        value: step.fill,
      };
    case 'resize':
      return { ...common, op: step.op, alignCorners: step.alignCorners, halfPixels: step.halfPixels };
    case 'blocks':
      return {
        ...common,
        op: step.op,
        function: step.to === 'space' ? 'depthToSpace' : 'spaceToDepth',
        n: step.block,
      };
    case 'concat':
      return { ...common, op: step.op, n: y.layout === 'array' ? sizeOf(y.shape.slice(0, step.axis)) : 1 };
    case 'overlapAdd':
      return {
        ...common,
        op: step.op,
        window: nativeWindow(step.window),
        bias: data(step.bias),
        activation: nativeActivation('plan', step.activation),
      };
    case 'strided':
      return {
        ...common,
        op: step.op,
        sizes: step.sizes,
        strides: [step.strides, rowMajorStrides(step.sizes)],
        offsets: [step.offset, 0],
      };
    case 'pad': {
      const strides = rowMajorStrides(y.shape);
      const offset = step.before.reduce((sum, before, axis) => sum + before * strides[axis]!, 0);
      return {
        ...common,
        op: 'fill',
        sizes: x.shape,
        strides: [rowMajorStrides(x.shape), strides],
        offsets: [0, offset],
        value: step.fill,
      };
    }
    case 'cast':
      return { ...common, op: step.op, function: castFunction(x, y) };
    case 'reduce':
      return {
        ...common,
        op: step.op,
        function: step.function,
        integers: isInteger(x),
        ...reduceLoop(x, step.axes),
      };
    case 'product':
      return { ...common, op: step.op, ...productLoop(inputs, y, step.transposeA, step.transposeB) };
    case 'gather':
      return {
        ...common,
        op: step.op,
        n: sizeOf(x.shape.slice(0, step.axis)),
        k: x.shape[step.axis]!,
        whole: step.along,
      };
    case 'gatherNd':
      return { ...common, op: step.op, sizes: x.shape.slice(0, inputs[1]!.shape.at(-1)) };
    case 'topK':
      return { ...common, op: step.op, n: x.shape.at(-1)!, k: y.shape.at(-1)!, integers: isInteger(x) };
    case 'recurrence':
      return {
        ...common,
        op: step.op,
        function: step.cell,
        n: step.n,
        k: step.k,
        weight: data(step.weight),
        bias: data(step.bias),
        activation: nativeActivation('plan', step.cellActivation),
        gateActivation: nativeActivation('plan', step.gateActivation),
        backwards: step.backwards,
        masked: step.masked,
        initial: step.initial,
        choice,
      };
    case 'where':
      return { ...common, op: step.op, sizes: x.shape };
    case 'nonMaxSuppression':
      return {
        ...common,
        op: step.op,
        function: step.gives,
        thresholds: [step.overlap, step.lowestScore ?? -Number.MAX_VALUE, step.softSigma],
      };
    case 'alias':
      return { ...common, op: step.op };
  }
}

/** Integers go to the addon in the same four bytes as floats. */
function constantBits(plan: Plan, name: string): Float32Array {
  const integers = plan.integers?.[name]?.data;
  if (!integers) return plan.tensors[name]!.data;
  return new Float32Array(integers.buffer, integers.byteOffset, integers.length);
}

type NativeLoop = Required<Pick<NativeStep, 'sizes' | 'strides' | 'offsets'>>;

function elementwiseLoop(inputs: readonly PlanValue[], y: PlanValue): NativeLoop {
  return {
    sizes: y.shape,
    strides: [...inputs.map((x) => broadcastStrides(x.shape, y.shape)), rowMajorStrides(y.shape)],
    offsets: [...inputs.map(() => 0), 0],
  };
}

/** Kept axes first, then those that are reduced, where the output stands still. */
function reduceLoop(x: PlanValue, axes: readonly number[]): NativeLoop & { axes: number } {
  const own = rowMajorStrides(x.shape);
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const to = rowMajorStrides(kept.map((axis) => x.shape[axis]!));
  return {
    sizes: order.map((axis) => x.shape[axis]!),
    strides: [order.map((axis) => own[axis]!), order.map((_, i) => to[i] ?? 0)],
    offsets: [0, 0],
    axes: axes.length,
  };
}

/** Axes in front of the matrices, then m, n, k. */
function productLoop(
  [a, b]: readonly PlanValue[],
  y: PlanValue,
  transposeA: boolean,
  transposeB: boolean,
): NativeLoop {
  const front = y.shape.slice(0, -2);
  const [m, n] = y.shape.slice(-2) as [number, number];
  const k = a!.shape.at(transposeA ? -2 : -1)!;
  const matrix = (value: PlanValue, isTransposed: boolean) => {
    const columns = value.shape.at(-1)!;
    const [row, column] = isTransposed ? [1, columns] : [columns, 1];
    const size = columns * value.shape.at(-2)!;
    return {
      row: row!,
      column: column!,
      front: broadcastStrides(value.shape.slice(0, -2), front).map((s) => s * size),
    };
  };
  const [first, second] = [matrix(a!, transposeA), matrix(b!, transposeB)];
  return {
    sizes: [...front, m, n, k],
    strides: [
      [...first.front, first.row, 0, first.column],
      [...second.front, 0, second.column, second.row],
      [...rowMajorStrides(y.shape), 0],
    ],
    offsets: [0, 0, 0],
  };
}

function castFunction(x: PlanValue, y: PlanValue): string {
  if (y.dtype === 'bool') return isInteger(x) ? 'integerToBool' : 'floatToBool';
  return y.dtype === 'int32' ? 'toInteger' : 'toFloat';
}

/** The plan as the addon takes it: sizes, weights, and how each product runs. */
export function nativePlan(plan: Plan, choices: ReadonlyMap<PlanStep, NativeChoice>): NativePlan {
  return {
    values: plan.values.map((value) => ({
      channels: value.channels,
      height: value.height,
      width: value.width,
      array: value.layout === 'array',
      fixed: value.fixed === true,
      integers: isInteger(value),
    })),
    steps: plan.steps.map((step) => nativeStep(plan, step, choices.get(step))),
    inputs: plan.inputs.map((port) => port.value),
    outputs: plan.outputs.map((port) => port.value),
    batch: plan.batch ?? 0,
  };
}
