import { isPlainActivation } from './activations.ts';
import { valueSize, windowShape } from './geometry.ts';
import { invalid } from './invalid-plan.ts';
import type { PlanStep, PlanTensor, PlanValue, Window } from './plan.ts';

type Tensors = ReadonlyMap<string, PlanTensor>;

/** Checks one step against the values that it reads and makes. */
export function checkStep(step: PlanStep, x: PlanValue, y: PlanValue, tensors: Tensors, where: string): void {
  switch (step.op) {
    case 'matmul': {
      const isWhole = step.k === valueSize(x) && y.height === 1 && y.width === 1;
      const isPerPosition = step.k === x.channels && y.height === x.height && y.width === x.width;
      if (!isWhole && !isPerPosition) {
        throw invalid(where, `k = ${x.channels} at every position or ${valueSize(x)} at once`, step.k);
      }
      checkOutputs(step.n, y, where);
      checkWeights(step, [step.n, step.k], tensors, where);
      checkActivation(step.activation, where);
      return;
    }
    case 'conv2d':
      checkWindow(step.window, x, y, where);
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

function checkOutputs(channels: number, y: PlanValue, where: string): void {
  if (y.channels !== channels) throw invalid(where, `an output of ${channels} channels`, y.channels);
}

function checkTaps(k: number, window: Window, channels: number, where: string): void {
  const expected = window.kernel[0] * window.kernel[1] * channels;
  if (k !== expected) throw invalid(where, `k = ${expected}`, k);
}

function checkWindow(window: Window, x: PlanValue, y: PlanValue, where: string): void {
  const { kernel, strides, dilations, padding } = (window ?? {}) as Partial<Window>;
  for (const [name, pair] of Object.entries({ kernel, strides, dilations })) {
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((size) => isInteger(size, 1))) {
      throw invalid(where, `${name} of two integers from 1`, pair);
    }
  }
  if (!Array.isArray(padding) || padding.length !== 4 || !padding.every((size) => isInteger(size, 0))) {
    throw invalid(where, 'padding of four integers from 0', padding);
  }
  const reach = [0, 1].map((axis) => (kernel![axis]! - 1) * dilations![axis]! + 1) as [number, number];
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
  if (type === 'leakyRelu' && Number.isFinite(alpha)) return;
  // Infinity is not written in JSON, so a clamp has two finite ends.
  if (type === 'clamp' && isNumber(min) && isNumber(max) && min <= max) return;
  throw invalid(`activation of ${where}`, 'a known activation with finite numbers', activation);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isInteger(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= 0x7fffffff;
}
