import { isPlainActivation } from './activations.ts';
import { unaryFunctions } from './functions.ts';
import { valueSize, windowShape } from './geometry.ts';
import { invalid } from './invalid-plan.ts';
import type { IntegerTensor, PlanStep, PlanTensor, PlanValue, Window } from './plan.ts';
import { checkArrayStep, isMapFunction } from './validate-array-step.ts';
import { checkRecurrence } from './validate-recurrence.ts';

type Tensors = ReadonlyMap<string, PlanTensor>;

/** What of the plan a step may refer to. */
export interface StepContext {
  tensors: Tensors;
  integers: ReadonlyMap<string, IntegerTensor>;
  batch: number | undefined;
}

/** Checks one step against the values that it reads and makes. */
export function checkStep(
  step: PlanStep,
  inputs: readonly PlanValue[],
  y: PlanValue,
  { tensors, integers, batch }: StepContext,
  where: string,
): void {
  if (step.op === 'constant') {
    checkConstant(step.tensor, y, tensors, integers, where);
    return;
  }
  const isOfArrays = step.op === 'toArray' || step.op === 'toMap' || y.layout === 'array';
  if (isOfArrays) {
    checkArrayStep(step, inputs, y, { ...(batch !== undefined && { batch }) }, where);
    if (step.op === 'activation') checkActivation(step.activation, where);
    if (step.op === 'normalize') checkEpsilon(step.epsilon, where);
    return;
  }
  const x = inputs[0]!;
  if (inputs.some(({ layout }) => layout === 'array')) throw invalid(where, 'maps', 'an array');
  switch (step.op) {
    case 'binary': {
      const [, other] = inputs as [PlanValue, PlanValue];
      if (!isMapFunction(step.function)) throw invalid(where, 'a function of maps', step.function);
      for (const value of [x, other]) {
        const samePositions = value.height === y.height && value.width === y.width;
        if (!samePositions && value.height * value.width !== 1)
          throw invalid(where, 'inputs that broadcast', value.shape);
        if (value.channels !== y.channels && value.channels !== 1)
          throw invalid(where, 'inputs that broadcast', value.shape);
      }
      if (
        y.channels !== Math.max(x.channels, other.channels) ||
        y.height !== Math.max(x.height, other.height) ||
        y.width !== Math.max(x.width, other.width)
      )
        throw invalid(where, 'an output as large as its inputs', y.shape);
      checkActivation(step.activation, where);
      return;
    }
    case 'unary':
      checkSame(x, y, where);
      if (!(unaryFunctions as readonly unknown[]).includes(step.function) || step.function === 'not')
        throw invalid(where, 'a function of float32', step.function);
      return;
    case 'prelu':
      checkSame(x, y, where);
      checkTensor(step.alpha, [x.channels], tensors, `alpha of ${where}`);
      return;
    case 'pick': {
      const axes = [
        [step.rows, x.height, y.height],
        [step.columns, x.width, y.width],
        [step.channels, x.channels, y.channels],
      ] as const;
      for (const [entries, from, to] of axes) {
        if (!Array.isArray(entries) || entries.length !== to) throw invalid(where, `${to} entries`, entries);
        if (!entries.every((entry) => Number.isInteger(entry) && entry >= -1 && entry < from))
          throw invalid(where, `entries below ${from}`, entries);
      }
      if (typeof step.fill !== 'number') throw invalid(where, 'a number to fill with', step.fill);
      return;
    }
    case 'resize':
      checkOutputs(x.channels, y, where);
      if (typeof step.alignCorners !== 'boolean' || typeof step.halfPixels !== 'boolean')
        throw invalid(where, 'alignCorners and halfPixels', [step.alignCorners, step.halfPixels]);
      return;
    case 'blocks': {
      const [wide, deep] = step.to === 'space' ? [y, x] : [x, y];
      const fits =
        (step.to === 'space' || step.to === 'depth') &&
        isInteger(step.block, 1) &&
        deep.height * step.block === wide.height &&
        deep.width * step.block === wide.width &&
        deep.channels === wide.channels * step.block ** 2;
      if (!fits) throw invalid(where, 'blocks that fit', [step.to, step.block]);
      return;
    }
    case 'concat': {
      for (const value of inputs)
        if (value.height !== y.height || value.width !== y.width)
          throw invalid(where, 'inputs of the same positions', value.shape);
      if (step.axis !== y.shape.length - 1) throw invalid(where, 'the last axis', step.axis);
      checkOutputs(
        inputs.reduce((sum, { channels }) => sum + channels, 0),
        y,
        where,
      );
      return;
    }
    case 'overlapAdd':
      checkShapeOfWindow(step.window, where);
      if (x.channels !== y.channels * step.window.kernel[0] * step.window.kernel[1])
        throw invalid(where, 'a plane for each tap and channel', x.channels);
      if (step.bias !== undefined) checkTensor(step.bias, [y.channels], tensors, `bias of ${where}`);
      checkActivation(step.activation, where);
      return;
    case 'matmul': {
      const isWhole = step.k === valueSize(x) && y.height === 1 && y.width === 1;
      const isPerPosition = step.k === x.channels && y.height === x.height && y.width === x.width;
      if (!isWhole && !isPerPosition) {
        throw invalid(where, `k = ${x.channels} at every position or ${valueSize(x)} at once`, step.k);
      }
      checkOutputs(step.n, y, where);
      checkAddend(inputs, y, where);
      checkWeights(step, [step.n, step.k], tensors, where);
      checkActivation(step.activation, where);
      return;
    }
    case 'conv2d':
      checkWindow(step.window, x, y, where);
      checkAddend(inputs, y, where);
      checkOutputs(step.n, y, where);
      checkTaps(step.k, step.window, x.channels, where);
      checkWeights(step, [step.n, step.k], tensors, where);
      checkActivation(step.activation, where);
      return;
    case 'depthwise':
      checkWindow(step.window, x, y, where);
      if (!isInteger(step.multiplier, 1)) throw invalid(where, 'a multiplier from 1', step.multiplier);
      checkOutputs(x.channels * step.multiplier, y, where);
      checkWeights(step, [y.channels, step.window.kernel[0] * step.window.kernel[1]], tensors, where);
      checkActivation(step.activation, where);
      return;
    case 'pool':
      checkWindow(step.window, x, y, where);
      if (step.mode !== 'max' && step.mode !== 'avg') throw invalid(where, 'mode max or avg', step.mode);
      if (step.window.dilations.some((d) => d !== 1))
        throw invalid(where, 'no dilation', step.window.dilations);
      checkOutputs(x.channels, y, where);
      return;
    case 'affine': {
      checkSame(x, y, where);
      const size = tensors.get(step.scale)?.data.length;
      if (size !== x.channels && size !== valueSize(x)) {
        throw invalid(`scale of ${where}`, `${x.channels} or ${valueSize(x)} values`, size);
      }
      checkTensor(step.shift, [size], tensors, `shift of ${where}`);
      checkTensor(step.scale, [size], tensors, `scale of ${where}`);
      checkActivation(step.activation, where);
      return;
    }
    case 'activation':
      checkSame(x, y, where);
      checkActivation(step.activation, where);
      return;
    case 'softmax':
      checkSame(x, y, where);
      if (x.shape.length !== y.shape.length) throw invalid(where, `an output of shape [${x.shape}]`, y.shape);
      return;

    case 'recurrence':
      checkRecurrence(step, inputs, y, where);
      checkWeights(step, [step.n, step.k], tensors, where);
      checkActivation(step.cellActivation, where);
      checkActivation(step.gateActivation, where);
      return;
    case 'normalize':
      checkSame(x, y, where);
      if (x.shape.length !== y.shape.length) throw invalid(where, `an output of shape [${x.shape}]`, y.shape);
      checkEpsilon(step.epsilon, where);
      return;
    case 'alias':
      // The channels stay where they are; their positions may get other rows and columns.
      checkOutputs(x.channels, y, where);
      if (valueSize(x) !== valueSize(y)) throw invalid(where, `${valueSize(x)} elements`, valueSize(y));
      return;
    default:
      throw invalid(where, 'a step that this version knows', (step as { op?: unknown }).op);
  }
}

function checkSame(x: PlanValue, y: PlanValue, where: string): void {
  if (x.channels !== y.channels || x.height !== y.height || x.width !== y.width) {
    throw invalid(where, `an output like its input, [${x.shape}]`, y.shape);
  }
}

/** A product may be added to a second input. */
function checkAddend(inputs: readonly PlanValue[], y: PlanValue, where: string): void {
  if (inputs.length > 2) throw invalid(where, 'to read one or two values', inputs.length);
  if (inputs[1] !== undefined) checkSame(inputs[1], y, where);
}

function checkOutputs(channels: number, y: PlanValue, where: string): void {
  if (y.channels !== channels) throw invalid(where, `an output of ${channels} channels`, y.channels);
}

function checkTaps(k: number, window: Window, channels: number, where: string): void {
  const expected = window.kernel[0] * window.kernel[1] * channels;
  if (k !== expected) throw invalid(where, `k = ${expected}`, k);
}

function checkConstant(
  name: unknown,
  y: PlanValue,
  tensors: Tensors,
  integers: ReadonlyMap<string, IntegerTensor>,
  where: string,
): void {
  if (y.layout !== 'array' || y.fixed !== true) throw invalid(where, 'a fixed array', y.shape);
  if (y.dtype === 'float32') {
    checkTensor(name, y.shape, tensors, `tensor of ${where}`);
    return;
  }
  const tensor = typeof name === 'string' ? integers.get(name) : undefined;
  if (!tensor) throw invalid(`tensor of ${where}`, 'the name of an integer tensor', name);
  if (`${tensor.shape}` !== `${y.shape}`)
    throw invalid(`tensor of ${where}`, `shape [${y.shape}]`, tensor.shape);
}

/** What a window says for itself. */
function checkShapeOfWindow(window: Window, where: string): void {
  const { kernel, strides, dilations, padding } = (window ?? {}) as Partial<Window>;
  for (const [name, pair] of Object.entries({ kernel, strides, dilations })) {
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((size) => isInteger(size, 1))) {
      throw invalid(where, `${name} of two integers from 1`, pair);
    }
  }
  if (!Array.isArray(padding) || padding.length !== 4 || !padding.every((size) => isInteger(size, 0))) {
    throw invalid(where, 'padding of four integers from 0', padding);
  }
}

function checkWindow(window: Window, x: PlanValue, y: PlanValue, where: string): void {
  checkShapeOfWindow(window, where);
  const { kernel, dilations, padding } = window;
  const reach = [0, 1].map((axis) => (kernel[axis]! - 1) * dilations[axis]! + 1) as [number, number];
  // A window that lies in the padding altogether would have no element to look at.
  if (padding.some((size, side) => size >= reach[side < 2 ? 0 : 1]!)) {
    throw invalid(where, `padding below the window's reach [${reach}]`, padding);
  }
  const [height, width] = windowShape(x, window);
  if (y.height !== height || y.width !== width) {
    throw invalid(where, `an output of ${height} x ${width}`, [y.height, y.width]);
  }
}

function checkWeights(
  step: { weight: unknown; bias?: unknown },
  shape: [number, number],
  tensors: Tensors,
  where: string,
): void {
  checkTensor(step.weight, shape, tensors, `weight of ${where}`);
  if (step.bias !== undefined) checkTensor(step.bias, [shape[0]], tensors, `bias of ${where}`);
}

function checkTensor(name: unknown, shape: readonly unknown[], tensors: Tensors, where: string): void {
  const tensor = typeof name === 'string' ? tensors.get(name) : undefined;
  if (!tensor) throw invalid(where, 'the name of a tensor', name);
  if (tensor.shape.length !== shape.length || !tensor.shape.every((size, axis) => size === shape[axis])) {
    throw invalid(`${where} ("${name}")`, `shape [${shape}]`, tensor.shape);
  }
}

function checkActivation(activation: unknown, where: string): void {
  const { type, alpha, min, max } = (activation ?? {}) as Record<string, unknown>;
  if (typeof type === 'string' && isPlainActivation(type)) return;
  const takesAlpha = type === 'leakyRelu' || type === 'thresholdedRelu' || type === 'hardSwish';
  if (takesAlpha && Number.isFinite(alpha)) return;
  // Infinity is not written in JSON: an open end is absent.
  const isEnd = (end: unknown) => end === undefined || isNumber(end);
  const isOrdered = !(isNumber(min) && isNumber(max)) || min <= max;
  if (type === 'clamp' && isEnd(min) && isEnd(max) && isOrdered) return;
  throw invalid(`activation of ${where}`, 'a known activation with finite numbers', activation);
}

/** Added to a variance, which is at least 0. */
function checkEpsilon(epsilon: unknown, where: string): void {
  if (!isNumber(epsilon) || epsilon < 0) throw invalid(where, 'an epsilon from 0', epsilon);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isInteger(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= 0x7fffffff;
}
