import { mapBinaryFunctions } from '../functions.ts';
import type {
  ActivationStep,
  BinaryStep,
  ConcatStep,
  PadStep,
  Plan,
  PlanStep,
  PlanValue,
  UnaryStep,
  ValueId,
} from '../plan.ts';
import {
  axesByShape,
  entriesOfView,
  isMapOf,
  type MapAxis,
  type MapView,
  moveView,
  sizesOf,
  straighten,
  type ViewAxis,
  viewOfMap,
  wholeAxis,
} from './map-view.ts';

const isCount = (entries: readonly number[], size: number) =>
  entries.length === size && entries.every((entry, i) => entry === i);
const isMove = ({ op }: PlanStep) => op === 'toArray' || op === 'alias' || op === 'strided';
const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/**
 * The steps on arrays once more, on the maps that their arrays came from. Steps that only move are none there: they change
 * the view. Those that compute are added to `steps`, for `removeDead` to drop where nobody reads them as maps.
 */
export class LiftedSteps {
  private readonly plan: Plan;
  private readonly values: PlanValue[];
  private readonly steps: PlanStep[];
  private readonly views = new Map<ValueId, MapView>();

  /** @param values, steps - of the plan that comes of it; what is lifted goes behind them */
  constructor(plan: Plan, values: PlanValue[], steps: PlanStep[]) {
    this.plan = plan;
    this.values = values;
    this.steps = steps;
  }

  viewOf(array: ValueId): MapView | undefined {
    return this.views.get(array);
  }

  /**
   * Notes the view of the array that a step makes, where it has one.
   *
   * @returns the map that was computed instead, where the array is all of it in row-major order
   */
  add(step: PlanStep): ValueId | undefined {
    const { layout, fixed, dtype } = this.values[step.output]!;
    // Of a fixed array with several rows of the batch in it, the batch is an axis that no map has.
    if (layout !== 'array' || dtype !== 'float32' || (fixed && this.plan.batch !== 1)) return undefined;
    const view = this.lift(step);
    if (!view) return undefined;
    this.views.set(step.output, view);
    return !isMove(step) && isMapOf(view, this.values[view.map]!) ? view.map : undefined;
  }

  private lift(step: PlanStep): MapView | undefined {
    if (step.op === 'toArray') return viewOfMap(step.inputs[0]!, this.values[step.inputs[0]!]!);
    const views = step.inputs.flatMap((input) => this.views.get(input) ?? []);
    const [view] = views;
    if (!view || views.length < step.inputs.length) return undefined;
    switch (step.op) {
      case 'alias':
        return view;
      case 'strided':
        return moveView(view, step);
      case 'activation':
      case 'unary':
        return this.onEach(step, [view]);
      case 'binary':
        return mapBinaryFunctions.includes(step.function) ? this.onEach(step, views) : undefined;
      case 'pad':
        return this.pad(step, view);
      case 'concat':
        return this.concat(step, views);
      default:
        return undefined;
    }
  }

  /** The map in which the array's elements lie in their order along each axis. */
  straight(view: MapView, layer: string): MapView {
    const entries = entriesOfView(view);
    const sizes = sizesOf(this.values[view.map]!);
    const isWhole = Object.values(entries).every((list, axis) => isCount(list, sizes[axis]!));
    return straighten(view, isWhole ? view.map : this.pick(view.map, entries, 0, layer));
  }

  private pick(
    map: ValueId,
    entries: ReturnType<typeof entriesOfView>,
    fill: number,
    layer: string,
  ): ValueId {
    const sizes = Object.values(entries).map(({ length }) => length);
    const output = this.addMap(layer, sizes);
    this.steps.push({ op: 'pick', layer, inputs: [map], output, ...entries, fill });
    return output;
  }

  private addMap(name: string, sizes: readonly number[]): ValueId {
    const [height, width, channels] = sizes as [number, number, number];
    this.values.push({ name, shape: [...sizes], height, width, channels, dtype: 'float32' });
    return this.values.length - 1;
  }

  private onEach(
    step: ActivationStep | UnaryStep | BinaryStep,
    views: readonly MapView[],
  ): MapView | undefined {
    const maps = views.map((view) => this.straight(view, step.layer));
    const [first] = maps as [MapView];
    // Broadcasting has other rules on maps.
    if (!maps.every(({ axes }) => isSame(axes, first.axes))) return undefined;
    const output = this.addMap(step.layer, sizesOf(this.values[first.map]!));
    this.steps.push({ ...step, inputs: maps.map(({ map }) => map), output });
    return { ...first, map: output };
  }

  private pad({ layer, inputs, output, before, fill }: PadStep, view: MapView): MapView | undefined {
    const from = this.values[inputs[0]!]!.shape;
    const to = this.values[output]!.shape;
    const groups = axesByShape(view, from);
    if (!groups) return undefined;
    const entries = entriesOfView(view);
    const names = ['rows', 'columns', 'channels'] as const;
    const padded = [...groups];
    for (const [i, size] of to.entries()) {
      if (size === from[i]) continue;
      const axis = wholeAxis(view, groups[i]!);
      if (axis === undefined) return undefined;
      const around = (count: number) => new Array<number>(count).fill(-1);
      const own = entries[names[axis]];
      entries[names[axis]] = [...around(before[i]!), ...own, ...around(size - from[i]! - before[i]!)];
      padded[i] = [{ size, axis, step: 1 }];
    }
    const map = this.pick(view.map, entries, fill, layer);
    return straighten({ ...view, axes: padded.flat() }, map);
  }

  /** Along the channels, which may be any axis of the arrays. */
  private concat(
    { layer, inputs, output, axis }: ConcatStep,
    views: readonly MapView[],
  ): MapView | undefined {
    const channels: MapAxis = 2;
    const straight = views.map((view) => this.straight(view, layer));
    const groups: ViewAxis[][][] = [];
    for (const [i, view] of straight.entries()) {
      const group = axesByShape(view, this.values[inputs[i]!]!.shape);
      const own = view.axes.filter((one) => one.axis === channels);
      if (!group || !isSame(group[axis], own)) return undefined;
      groups.push(group);
    }
    const others = groups.map((group) => group.with(axis, []));
    if (!others.every((other) => isSame(other, others[0]))) return undefined;
    const size = this.values[output]!.shape[axis]!;
    const [height, width] = sizesOf(this.values[straight[0]!.map]!);
    const map = this.addMap(layer, [height, width, size]);
    this.steps.push({ op: 'concat', layer, inputs: straight.map((view) => view.map), output: map, axis: 2 });
    const axes = groups[0]!.with(axis, [{ size, axis: channels, step: 1 }]).flat();
    return straighten({ map, axes, start: [0, 0, 0] }, map);
  }
}
