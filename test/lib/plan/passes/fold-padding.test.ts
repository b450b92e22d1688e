import { describe, expect, it } from 'vitest';
import type { PlanBuilder } from '../../../../lib/plan/builder.ts';
import { emitActivation } from '../../../../lib/plan/emit/activation.ts';
import { emitConv2d } from '../../../../lib/plan/emit/conv2d.ts';
import { emitDepthwise } from '../../../../lib/plan/emit/depthwise.ts';
import { emitPool } from '../../../../lib/plan/emit/pool.ts';
import { foldPadding } from '../../../../lib/plan/passes/fold-padding.ts';
import { removeDead } from '../../../../lib/plan/passes/remove-dead.ts';
import type { Plan, PlanActivation, ValueId, Window } from '../../../../lib/plan/plan.ts';
import { validatePlan } from '../../../../lib/plan/validate.ts';
import { Random } from '../../../helpers/random.ts';
import { sessionOf } from '../../../helpers/sessions.ts';
import { plainWindow, planOf } from '../../../helpers/small-plans.ts';

/** @param room - top, bottom, left, right */
function pad(plan: PlanBuilder, x: ValueId, room: Window['padding'], fill = 0): ValueId {
  const { height, width, channels } = plan.value(x);
  const axis = (size: number, before: number, after: number) => [
    ...new Array<number>(before).fill(-1),
    ...Array.from({ length: size }, (_, i) => i),
    ...new Array<number>(after).fill(-1),
  ];
  const entries = {
    rows: axis(height, room[0], room[1]),
    columns: axis(width, room[2], room[3]),
    channels: axis(channels, 0, 0),
  };
  const output = plan.addValue('pad', [entries.rows.length, entries.columns.length, channels]);
  return plan.addStep({ op: 'pick', layer: 'pad', inputs: [x], output, ...entries, fill });
}

function conv(plan: PlanBuilder, x: ValueId, window: Window): ValueId {
  const kernel = new Random().floats(window.kernel[0] * window.kernel[1] * plan.value(x).channels * 3);
  return emitConv2d(plan, 'conv', x, { kernel, outputs: 3, window });
}

const ops = (plan: Plan) => removeDead(plan).steps.map(({ op }) => op);
const windows = (plan: Plan) => plan.steps.flatMap((step) => ('window' in step ? [step.window.padding] : []));
const relu: PlanActivation = { type: 'relu' };

function expectSame(before: Plan, after: Plan): void {
  validatePlan(removeDead(after));
  const random = new Random();
  const [height, width, channels] = before.values[0]!.shape as [number, number, number];
  const x = random.floats(2 * height * width * channels);
  const [expected, got] = [before, removeDead(after)].map((plan) => sessionOf(plan).run(x));
  expect(got, `SEED=${random.seed}`).toEqual(expected);
}

describe('foldPadding', () => {
  it('gives zeros in front of a convolution to its window', () => {
    const before = planOf([5, 6, 2], (plan, x) =>
      conv(plan, pad(plan, x, [0, 1, 2, 0]), plainWindow([2, 3], [2, 2])),
    );
    const after = foldPadding(before);
    expect(ops(before)).toEqual(['pick', 'conv2d']);
    expect(ops(after)).toEqual(['conv2d']);
    expect(windows(after)).toEqual([[0, 1, 2, 0]]);
    expectSame(before, after);
  });

  it('adds to the padding that a depthwise convolution has, and takes two in a row', () => {
    const before = planOf([5, 6, 2], (plan, x, random) =>
      emitDepthwise(plan, 'dw', pad(plan, pad(plan, x, [1, 0, 0, 0]), [0, 0, 1, 1]), {
        kernel: random.floats(18),
        multiplier: 1,
        window: { ...plainWindow([3, 3]), padding: [1, 0, 0, 1] },
      }),
    );
    const after = foldPadding(before);
    expect(ops(after)).toEqual(['depthwise']);
    expect(windows(after)).toEqual([[2, 0, 1, 2]]);
    expectSame(before, after);
  });

  it('gives the largest of a window what never is the largest', () => {
    const pooled = (fill: number, activation?: PlanActivation) =>
      planOf([4, 4, 2], (plan, x) => {
        const y = activation ? emitActivation(plan, 'act', x, activation) : x;
        return emitPool(plan, 'pool', pad(plan, y, [1, 1, 1, 1], fill), 'max', plainWindow([3, 3], [2, 2]));
      });
    for (const before of [
      pooled(Number.NEGATIVE_INFINITY),
      pooled(0, relu),
      pooled(0, { type: 'clamp', min: 0.5, max: 1 }),
    ]) {
      expect(windows(foldPadding(before))).toEqual([[1, 1, 1, 1]]);
      expectSame(before, foldPadding(before));
    }
    // Zeros are larger than what is below zero, and ones are larger than some.
    for (const before of [pooled(0), pooled(0, { type: 'tanh' }), pooled(1, relu)])
      expect(foldPadding(before)).toEqual(before);
  });

  it('leaves averages, other fills, windows that would see nothing but padding, and other picks', () => {
    const behind = (room: Window['padding'], fill: number, window: Window) =>
      planOf([4, 4, 2], (plan, x) => conv(plan, pad(plan, x, room, fill), window));
    for (const before of [
      planOf([4, 4, 2], (plan, x) =>
        emitPool(plan, 'pool', pad(plan, x, [1, 1, 1, 1]), 'avg', plainWindow([2, 2])),
      ),
      behind([1, 1, 1, 1], 0.5, plainWindow([3, 3])),
      behind([2, 0, 0, 0], 0, plainWindow([2, 2])),
      planOf([4, 4, 2], (plan, x) => {
        const output = plan.addValue('pick', [5, 4, 2]);
        const entries = { rows: [-1, 0, 1, 3, 2], columns: [0, 1, 2, 3], channels: [0, 1], fill: 0 };
        plan.addStep({ op: 'pick', layer: 'pick', inputs: [x], output, ...entries });
        return conv(plan, output, plainWindow([3, 3]));
      }),
      planOf([4, 4, 2], (plan, x) => {
        const output = plan.addValue('crop', [3, 4, 2]);
        const entries = { rows: [0, 1, 2], columns: [0, 1, 2, 3], channels: [0, 1], fill: 0 };
        plan.addStep({ op: 'pick', layer: 'crop', inputs: [x], output, ...entries });
        return conv(plan, output, plainWindow([3, 3]));
      }),
    ])
      expect(foldPadding(before)).toEqual(before);
  });

  it('leaves the padded copy to others who read it', () => {
    const before = planOf([4, 4, 2], (plan, x) => {
      const padded = pad(plan, x, [1, 1, 1, 1]);
      plan.output('padded', padded);
      return conv(plan, padded, plainWindow([3, 3]));
    });
    expect(ops(foldPadding(before))).toEqual(['pick', 'conv2d']);
    expect(windows(foldPadding(before))).toEqual([[1, 1, 1, 1]]);
  });
});
