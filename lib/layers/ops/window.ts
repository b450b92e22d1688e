import { padAxis, windowShape } from '../../plan/geometry.ts';
import type { PlanValue, ValueId, Window } from '../../plan/plan.ts';
import { resolveWindow } from '../read-window.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';
import { allEntries, pickFromMap } from './map-axes.ts';
import type { OpCall } from './op-call.ts';

/** A map of [height, width, channels] of the plan. */
interface Picture {
  id: ValueId;
  x: Readonly<PlanValue>;
}

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

/** The window of a convolution or pooling node over a picture, which is padded first where a window would see nothing of it. */
export function readWindow(
  call: OpCall,
  { id, x }: Picture,
  kernel: [number, number],
): { id: ValueId; window: Window } {
  const strides = pairOf(call, 'strides');
  const dilations = pairOf(call, 'dilations');
  const padding = call.attributes.string('padding', 'VALID');
  if (padding === 'EXPLICIT') {
    const [, , top = 0, bottom = 0, left = 0, right = 0] = call.attributes.integers('explicit_paddings');
    const window: Window = { kernel, strides, dilations, padding: [top, bottom, left, right] };
    if (everyWindowSees(x, window)) return { id, window };
    return { id: padPicture(call, { id, x }, window), window: { ...window, padding: [0, 0, 0, 0] } };
  }
  if (padding !== 'SAME' && padding !== 'VALID')
    throw new UnsupportedFeature(`padding "${padding}" is not compiled; ${keepInTensorFlow}`);
  const rule = padding === 'SAME' ? 'same' : 'valid';
  return { id, window: resolveWindow(call.name, { kernel, strides, dilations, padding: rule }, x) };
}

/** Whether the first and the last window reach into the picture: a plan has no others. */
function everyWindowSees(x: PlanValue, window: Window): boolean {
  const { kernel, strides, dilations, padding } = window;
  const [outHeight, outWidth] = windowShape(x, window);
  const sees = (size: number, out: number, axis: 0 | 1, before: number) =>
    before <= (kernel[axis] - 1) * dilations[axis] && (out - 1) * strides[axis] < size + before;
  return sees(x.height, outHeight, 0, padding[0]) && sees(x.width, outWidth, 1, padding[2]);
}

/** Zeros around a picture as a step of their own. */
function padPicture(call: OpCall, { id, x }: Picture, { padding }: Window): ValueId {
  const [top, bottom, left, right] = padding;
  const entries = (size: number, before: number, after: number) =>
    Array.from({ length: before + size + after }, (_, i) =>
      i < before || i >= before + size ? -1 : i - before,
    );
  const picked = pickFromMap(call, call.computed(id), [
    entries(x.height, top, bottom),
    entries(x.width, left, right),
    allEntries(x.channels),
  ]);
  if (!picked) throw call.unfit('a picture', [...x.shape]);
  return picked.id;
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
