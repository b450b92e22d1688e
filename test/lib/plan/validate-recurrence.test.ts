import { describe, expect, it } from 'vitest';
import { PlanBuilder } from '../../../lib/plan/builder.ts';
import type { Plan, RecurrenceStep } from '../../../lib/plan/plan.ts';
import { validatePlan } from '../../../lib/plan/validate.ts';

/** An lstm of 2 units over 5 steps, with a mask and initial states; x, mask, h, c and then y. */
function lstm(): Plan {
  const builder = new PlanBuilder();
  const inputs = [
    builder.input('x', [5, 8]),
    builder.input('mask', [5, 1]),
    builder.input('h', [2]),
    builder.input('c', [2]),
  ];
  const output = builder.addValue('y', [5, 2]);
  builder.addStep({
    op: 'recurrence',
    layer: 'lstm',
    inputs,
    output,
    cell: 'lstm',
    weight: builder.addTensor('recurrent', [8, 2], new Float32Array(16)),
    n: 8,
    k: 2,
    cellActivation: { type: 'tanh' },
    gateActivation: { type: 'sigmoid' },
    backwards: false,
    masked: true,
    initial: true,
  });
  builder.output('y', output);
  return builder.finish();
}

type Edit = (step: RecurrenceStep, plan: Plan) => unknown;
const size = (id: number, shape: number[]): Edit => {
  const [channels, width = 1] = [shape.at(-1)!, shape.at(-2)];
  return (_, plan) => Object.assign(plan.values[id]!, { shape, channels, width, height: 1 });
};
const set =
  (changes: object): Edit =>
  (step) =>
    Object.assign(step, changes);

const faults: [string, Edit, RegExp][] = [
  ['an unknown cell', set({ cell: 'peephole' }), /a cell of simple, lstm, gru, gruResetAfter/],
  ['a cell from the prototype', set({ cell: 'toString' }), /a cell of/],
  ['no cell', set({ cell: undefined }), /a cell of/],
  ['no direction', set({ backwards: undefined }), /backwards, masked and initial/],
  ['a mask that is a number', set({ masked: 1 }), /backwards, masked and initial/],
  ['no units', set({ n: 0, k: 0 }), /4 gates for each of k units/],
  ['units that are a fraction', set({ k: 2.5, n: 10 }), /4 gates for each of k units/],
  ['gates of another cell', set({ cell: 'gru' }), /3 gates for each of k units/],
  ['an input of other gates', size(0, [5, 6]), /an input of 8 channels/],
  ['a mask that is missing', set({ inputs: [0, 2, 3] }), /the mask and the initial states/],
  ['an initial state too many', set({ masked: false }), /the mask and the initial states/],
  ['states that it does not read', set({ initial: false }), /the mask and the initial states/],
  ['a mask of fewer steps', size(1, [4, 1]), /a mask of the time steps/],
  ['a mask of two channels', size(1, [5, 2]), /a mask of the time steps/],
  ['a state of other units', size(2, [3]), /initial states of 2 units/],
  ['a state of every step', size(3, [5, 2]), /initial states of 2 units/],
  ['an output of other units', size(4, [5, 3]), /an output of 2 units/],
  ['an output of fewer steps', size(4, [4, 2]), /an output of 2 units/],
  ['a weight of another shape', set({ weight: 'gone' }), /the name of a tensor/],
  ['an unknown activation', set({ gateActivation: { type: 'magic' } }), /a known activation/],
  ['no activation of the cell', set({ cellActivation: undefined }), /a known activation/],
];

describe('a recurrence', () => {
  it('passes with the outputs that it may have', () => {
    for (const shape of [[5, 2], [2], [5, 4], [4]]) {
      const plan = lstm();
      size(4, shape)(plan.steps[0]! as RecurrenceStep, plan);
      expect(() => validatePlan(plan), `${shape}`).not.toThrow();
    }
  });

  it.each(faults)('refuses %s', (_, edit, message) => {
    const plan = lstm();
    edit(plan.steps[0]! as RecurrenceStep, plan);
    const check = () => validatePlan(plan);
    expect(check).toThrow(expect.objectContaining({ code: 'ERR_SPARSE_PLAN' }));
    expect(check).toThrow(message);
  });

  it('has no c of a cell that has none', () => {
    const plan = lstm();
    Object.assign(plan.steps[0]!, { cell: 'simple', n: 2, initial: false, inputs: [0, 1] });
    size(0, [5, 2])(plan.steps[0]! as RecurrenceStep, plan);
    plan.tensors.recurrent = { shape: [2, 2], data: new Float32Array(4) };
    expect(() => validatePlan(plan)).not.toThrow();
    size(4, [5, 4])(plan.steps[0]! as RecurrenceStep, plan);
    expect(() => validatePlan(plan)).toThrow(/an output of 2 units/);
  });
});
