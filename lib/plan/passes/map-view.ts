import { type Geometry, valueSize } from '../geometry.ts';
import type { PickStep, StridedStep, ValueId } from '../plan.ts';
import { rowMajorStrides } from '../strides.ts';

/** Rows, columns and channels of a map. */
export type MapAxis = 0 | 1 | 2;

/** `size` entries, each `step` further along an axis of the map. */
export interface ViewAxis {
  size: number;
  axis: MapAxis;
  step: number;
}

/**
 * An array as places of a map: element (i, j, …), row-major over `axes`, is the map's at `start` plus i, j, … steps along
 * their axes. What an array's shape is makes no difference, so a reshape has the same view.
 */
export interface MapView {
  map: ValueId;
  axes: readonly ViewAxis[];
  start: readonly [number, number, number];
}

const mapAxes: readonly MapAxis[] = [0, 1, 2];
const product = (axes: readonly ViewAxis[]) => axes.reduce((size, axis) => size * axis.size, 1);
export const sizesOf = ({ height, width, channels }: Geometry) => [height, width, channels] as const;

/** All of a map in row-major order, as `toArray` lays it out. */
export function viewOfMap(map: ValueId, geometry: Geometry): MapView {
  const axes = sizesOf(geometry).map((size, axis) => ({ size, axis: axis as MapAxis, step: 1 }));
  return { map, axes: axes.filter(({ size }) => size > 1), start: [0, 0, 0] };
}

/** The view of what a strided step makes; `undefined` where its loop repeats elements or leaves an axis over its end. */
export function moveView(view: MapView, { sizes, strides, offset }: StridedStep): MapView | undefined {
  const own = rowMajorStrides(view.axes.map(({ size }) => size));
  const begin = own.map((stride, i) => Math.floor(offset / stride) % view.axes[i]!.size);
  const [low, high] = [[...begin], [...begin]];
  const moved: ViewAxis[] = [];
  for (const [i, size] of sizes.entries()) {
    const pieces = split(view.axes, own, size, strides[i]!);
    if (!pieces) return undefined;
    for (const { from, size, step } of pieces) {
      (step > 0 ? high : low)[from]! += (size - 1) * step;
      const { axis, step: scale } = view.axes[from]!;
      moved.push({ size, axis, step: step * scale });
    }
  }
  if (low.some((at) => at < 0) || high.some((at, i) => at >= view.axes[i]!.size)) return undefined;
  const start = mapAxes.map((axis) =>
    view.axes.reduce((at, own, i) => at + (own.axis === axis ? begin[i]! * own.step : 0), view.start[axis]),
  ) as [number, number, number];
  return { map: view.map, axes: moved, start };
}

interface Piece {
  /** Which of the view's axes. */
  from: number;
  size: number;
  step: number;
}

/** A loop of `size` entries, `stride` elements apart, as loops along the view's axes; outermost first. */
function split(
  axes: readonly ViewAxis[],
  own: readonly number[],
  size: number,
  stride: number,
): Piece[] | undefined {
  if (size === 1) return [];
  const from = own.findIndex((elements) => elements <= Math.abs(stride) && stride % elements === 0);
  if (from < 0 || stride === 0) return undefined;
  const step = stride / own[from]!;
  const room = axes[from]!.size;
  if ((size - 1) * Math.abs(step) < room) return [{ from, size, step }];
  // It goes on in the axis outside of this one, where it fills this one evenly.
  if (step < 0 || room % step !== 0 || size % (room / step) !== 0 || from === 0) return undefined;
  const inner = room / step;
  const outer = split(axes, own, size / inner, own[from]! * room);
  return outer && [...outer, ...(inner > 1 ? [{ from, size: inner, step }] : [])];
}

/** Entries of one axis of the map in the order in which the view visits them. */
export function entriesOf(view: MapView, axis: MapAxis): number[] {
  let entries = [view.start[axis]];
  for (const { size, axis: along, step } of view.axes)
    if (along === axis)
      entries = entries.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * step));
  return entries;
}

/** The view of the map that picks this view's entries from its own: rows, columns and channels in the order of the array. */
export function straighten({ axes }: MapView, map: ValueId): MapView {
  const straight: ViewAxis[] = [];
  const steps: [number, number, number] = [1, 1, 1];
  for (const { size, axis } of axes.toReversed()) {
    straight.unshift({ size, axis, step: steps[axis] });
    steps[axis] *= size;
  }
  return { map, axes: straight, start: [0, 0, 0] };
}

/** Which entries a straight map of the view has. */
export function entriesOfView(view: MapView): Pick<PickStep, 'rows' | 'columns' | 'channels'> {
  const [rows, columns, channels] = mapAxes.map((axis) => entriesOf(view, axis)) as [
    number[],
    number[],
    number[],
  ];
  return { rows, columns, channels };
}

/** Whether the straight map, its positions counted anew, is what `toMap` makes of the array. */
export function isMapOf({ axes }: MapView, geometry: Geometry): boolean {
  const inOrder = axes.every(({ axis }, i) => i === 0 || axes[i - 1]!.axis <= axis);
  const channels = product(axes.filter(({ axis }) => axis === 2));
  return inOrder && channels === geometry.channels && product(axes) === valueSize(geometry);
}

/** The view's axes that make up each axis of the array's shape; `undefined` where one of them belongs to two. */
export function axesByShape(view: MapView, shape: readonly number[]): ViewAxis[][] | undefined {
  let next = 0;
  const groups: ViewAxis[][] = [];
  for (const size of shape) {
    const group: ViewAxis[] = [];
    while (product(group) < size && next < view.axes.length) group.push(view.axes[next++]!);
    if (product(group) !== size) return undefined;
    groups.push(group);
  }
  return next === view.axes.length ? groups : undefined;
}

/** The axis of the map that an axis of the array is, all of it. */
export function wholeAxis(view: MapView, group: readonly ViewAxis[]): MapAxis | undefined {
  const axis = group[0]?.axis;
  const others = view.axes.filter((own) => own.axis === axis);
  return others.length === group.length && others.every((own, i) => own === group[i]) ? axis : undefined;
}
