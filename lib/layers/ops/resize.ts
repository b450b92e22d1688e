import { emitResize } from '../../plan/emit/resize.ts';
import { BatchIsMixed } from './graph-tensor.ts';
import { allEntries, pickFromMap } from './map-axes.ts';
import type { OpType } from './op-type.ts';

/** A picture of another size, interpolated. */
export const resizeBilinear: OpType = {
  ops: ['ResizeBilinear'],
  lower: (call) => {
    const resized = emitResize(call.plan, call.name, call.picture().id, {
      size: call.integers(1) as [number, number],
      alignCorners: call.attributes.boolean('align_corners', false),
      halfPixels: call.attributes.boolean('half_pixel_centers', false),
    });
    return [call.computed(resized)];
  },
};

/** A picture of another size, each position that of the nearest one. */
export const resizeNearest: OpType = {
  ops: ['ResizeNearestNeighbor'],
  lower: (call) => {
    const { id, x } = call.picture();
    const [height, width] = call.integers(1) as [number, number];
    const alignCorners = call.attributes.boolean('align_corners', false);
    const halfPixels = call.attributes.boolean('half_pixel_centers', false);
    const entries = (from: number, to: number) => nearest(from, to, alignCorners, halfPixels);
    const picked = pickFromMap(call, call.computed(id), [
      entries(x.height, height),
      entries(x.width, width),
      allEntries(x.channels),
    ]);
    if (!picked) throw new BatchIsMixed();
    return [picked];
  },
};

/**
 * Which of `from` entries each of `to` is. In float32, as TensorFlow does it: at exact halves rounding decides.
 */
export function nearest(from: number, to: number, alignCorners: boolean, halfPixels: boolean): number[] {
  const scale = Math.fround(alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to);
  return allEntries(to).map((i) => {
    const at = Math.fround(Math.fround(halfPixels ? i + 0.5 : i) * scale);
    const nearestEntry = alignCorners ? Math.round(at) : Math.floor(at);
    return Math.max(0, Math.min(nearestEntry, from - 1));
  });
}
