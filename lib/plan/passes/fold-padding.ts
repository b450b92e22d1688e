import { boundsOf } from '../clamps.ts';
import type {
  Conv2dStep,
  DepthwiseStep,
  PickStep,
  Plan,
  PlanStep,
  PoolStep,
  ValueId,
  Window,
} from '../plan.ts';

/**
 * Padding in front of a window becomes the window's own: no padded copy is made. Of zeros in front of a convolution; in
 * front of the largest of a window of -Infinity, or of zeros where no element is below zero.
 */
export function foldPadding(plan: Plan): Plan {
  const makers = new Map<ValueId, PlanStep>(plan.steps.map((step) => [step.output, step]));
  return { ...plan, steps: plan.steps.map((step) => (isWindowed(step) ? fold(step, makers, plan) : step)) };
}

type Windowed = Conv2dStep | DepthwiseStep | PoolStep;
const isWindowed = (step: PlanStep): step is Windowed =>
  step.op === 'conv2d' || step.op === 'depthwise' || step.op === 'pool';

/** Takes over the padding in front of a step, and the one in front of that. */
function fold(step: Windowed, makers: ReadonlyMap<ValueId, PlanStep>, plan: Plan): Windowed {
  const [input, ...others] = step.inputs;
  const pad = makers.get(input!);
  if (pad?.op !== 'pick') return step;
  const [source] = pad.inputs as [ValueId];
  const room = paddingOf(pad, plan);
  if (!room || !isNeutral(pad.fill, step, makers.get(source))) return step;
  const window = widen(step.window, room);
  return window ? fold({ ...step, window, inputs: [source, ...others] }, makers, plan) : step;
}

/** What a pick adds at the top, bottom, left and right, where it does nothing else. */
function paddingOf({ rows, columns, channels, inputs }: PickStep, plan: Plan): Window['padding'] | undefined {
  const x = plan.values[inputs[0]!]!;
  const vertical = around(rows, x.height);
  const horizontal = around(columns, x.width);
  const keepsChannels = around(channels, x.channels)?.every((room) => room === 0);
  return vertical && horizontal && keepsChannels ? [...vertical, ...horizontal] : undefined;
}

/** Entries of -1 before and after all entries of an axis, in order. */
function around(entries: readonly number[], size: number): [number, number] | undefined {
  const before = entries.indexOf(0);
  const isAll = entries.every((entry, i) =>
    i >= before && i < before + size ? entry === i - before : entry === -1,
  );
  const after = entries.length - size - before;
  return before >= 0 && after >= 0 && isAll ? [before, after] : undefined;
}

/** Whether a window takes `fill` as it takes its own padding. */
function isNeutral(fill: number, step: Windowed, maker: PlanStep | undefined): boolean {
  if (step.op !== 'pool') return fill === 0;
  // An average divides by the elements that are not its own padding.
  if (step.mode !== 'max') return false;
  if (fill === Number.NEGATIVE_INFINITY) return true;
  const bounds = maker && 'activation' in maker ? boundsOf(maker.activation) : undefined;
  return fill === 0 && bounds !== undefined && bounds.min >= 0;
}

/** `undefined` where a window would lie in the padding altogether. */
function widen(window: Window, room: Window['padding']): Window | undefined {
  const padding = window.padding.map((own, side) => own + room[side]!) as Window['padding'];
  const reach = window.kernel.map((size, axis) => (size - 1) * window.dilations[axis]! + 1);
  return padding.every((size, side) => size < reach[side < 2 ? 0 : 1]!) ? { ...window, padding } : undefined;
}
