import { padAxis } from '../../plan/geometry.ts';
import type { PlanValue, Window } from '../../plan/plan.ts';
import { resolveWindow } from '../read-window.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';
import type { OpCall } from './op-call.ts';

/** Refuses NCHW: plans are made for channels-last models. */
export function requireChannelsLast({ attributes }: OpCall): void {
  const format = attributes.string('data_format', 'NHWC');
  if (format !== 'NHWC')
    throw new UnsupportedFeature(`data_format "${format}" is not compiled; ${keepInTensorFlow}`);
}

/** Height and width out of four numbers, of which the batch's and the channels' must be 1. */
export function pairOf(call: OpCall, name: string): [number, number] {
  const list = call.attributes.integers(name);
  if (list.length === 0) return [1, 1];
  const [batch, height, width, channels] = list;
  if (list.length !== 4 || batch !== 1 || channels !== 1 || !(height! > 0) || !(width! > 0))
    throw new UnsupportedFeature(`${name} of [${list}] are not compiled; ${keepInTensorFlow}`);
  return [height!, width!];
}

/** The window of a convolution or pooling node over a picture. */
export function readWindow(call: OpCall, x: PlanValue, kernel: [number, number]): Window {
  const strides = pairOf(call, 'strides');
  const dilations = pairOf(call, 'dilations');
  const padding = call.attributes.string('padding', 'VALID');
  if (padding === 'EXPLICIT') {
    const [, , top = 0, bottom = 0, left = 0, right = 0] = call.attributes.integers('explicit_paddings');
    return { kernel, strides, dilations, padding: [top, bottom, left, right] };
  }
  if (padding !== 'SAME' && padding !== 'VALID')
    throw new UnsupportedFeature(`padding "${padding}" is not compiled; ${keepInTensorFlow}`);
  const rule = padding === 'SAME' ? 'same' : 'valid';
  return resolveWindow(call.name, { kernel, strides, dilations, padding: rule }, x);
}

/** The padding of the convolution whose gradient a transposed convolution is: of an input of `size`. */
export function transposedPadding(
  call: OpCall,
  size: readonly [number, number],
  kernel: readonly [number, number],
  strides: readonly [number, number],
): [number, number] {
  const padding = call.attributes.string('padding', 'VALID');
  if (padding === 'EXPLICIT') {
    const [, , top = 0, , left = 0] = call.attributes.integers('explicit_paddings');
    return [top, left];
  }
  if (padding !== 'SAME' && padding !== 'VALID')
    throw new UnsupportedFeature(`padding "${padding}" is not compiled; ${keepInTensorFlow}`);
  const rule = padding === 'SAME' ? 'same' : 'valid';
  return [
    padAxis(rule, size[0], kernel[0], strides[0], 1)[0],
    padAxis(rule, size[1], kernel[1], strides[1], 1)[0],
  ];
}
