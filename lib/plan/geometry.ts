import type { PlanValue, Window } from './plan.ts';

export type Geometry = Pick<PlanValue, 'channels' | 'height' | 'width'>;

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Memory that a logical shape gets: the last axis is the channels, the one before the width, all others are
 * folded into the height.
 */
export function geometryOf(shape: readonly number[]): Geometry {
  return {
    channels: shape.at(-1) ?? 1,
    width: shape.at(-2) ?? 1,
    height: sizeOf(shape.slice(0, -2)),
  };
}

/** Whether a value is one vector of features to its readers although its memory has positions. */
export function isFlattened(value: Pick<PlanValue, 'shape' | 'channels'>): boolean {
  return value.shape.length === 1 && value.shape[0] !== value.channels;
}

/** Elements of a value for one row of the batch. */
export function valueSize(value: Geometry): number {
  return value.channels * value.height * value.width;
}

/** Height or width behind a window: `input` elements padded by `before` and `after`. */
export function windowOutput(
  input: number,
  kernel: number,
  stride: number,
  dilation: number,
  before: number,
  after: number,
): number {
  return Math.floor((input + before + after - ((kernel - 1) * dilation + 1)) / stride) + 1;
}

/** Logical shape behind a window: a sequence of [steps, channels] stays one. */
export function shapeBehind(
  input: Geometry & { shape: number[] },
  window: Window,
  channels: number,
): number[] {
  const [height, width] = windowShape(input, window);
  return input.shape.length === 2 ? [width, channels] : [height, width, channels];
}

/** `[height, width]` behind a window. */
export function windowShape(input: Geometry, window: Window): [number, number] {
  const [top, bottom, left, right] = window.padding;
  return [
    windowOutput(input.height, window.kernel[0], window.strides[0], window.dilations[0], top, bottom),
    windowOutput(input.width, window.kernel[1], window.strides[1], window.dilations[1], left, right),
  ];
}

/**
 * Explicit padding `[before, after]` of one axis. 'same' gives ceil(input / stride) outputs and puts the odd
 * element behind, as TensorFlow does.
 */
export function padAxis(
  padding: 'same' | 'valid',
  input: number,
  kernel: number,
  stride: number,
  dilation: number,
): [number, number] {
  if (padding === 'valid') return [0, 0];
  const reach = (kernel - 1) * dilation + 1;
  const total = Math.max((Math.ceil(input / stride) - 1) * stride + reach - input, 0);
  const before = Math.floor(total / 2);
  return [before, total - before];
}
