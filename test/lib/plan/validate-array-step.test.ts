import { describe, expect, it } from 'vitest';
import { PlanBuilder } from '../../../lib/plan/builder.ts';
import type { Plan, PlanStep, PlanValue, ValueDtype } from '../../../lib/plan/plan.ts';
import { validatePlan } from '../../../lib/plan/validate.ts';

/** `[2, 3]` of floats; another dtype and `fixed` are named. */
type TestArray = { shape: number[]; dtype?: ValueDtype; fixed?: boolean };
const floats = (...shape: number[]): TestArray => ({ shape });
const ints = (...shape: number[]): TestArray => ({ shape, dtype: 'int32' });
const bools = (...shape: number[]): TestArray => ({ shape, dtype: 'bool' });

/** One step on inputs of its own. */
function planOf(step: object, inputs: readonly TestArray[], output: TestArray): Plan {
  const builder = new PlanBuilder();
  const ids = inputs.map(({ shape, dtype = 'float32', fixed = false }, i) =>
    builder.inputArray(`x${i}`, shape, dtype, fixed),
  );
  const { shape, dtype = 'float32', fixed = false } = output;
  const y = builder.addArray('y', shape, dtype, fixed);
  builder.output('y', builder.addStep({ layer: 'step', inputs: ids, output: y, ...step } as PlanStep));
  return builder.finish();
}

/** The step `toArray` or `toMap` between a map and an array. */
function move(op: 'toArray' | 'toMap', array: TestArray): Plan {
  const builder = new PlanBuilder();
  const { shape, dtype = 'float32', fixed = false } = array;
  const [x, y] =
    op === 'toArray'
      ? [builder.input('x', [2, 3, 4]), builder.addArray('y', shape, dtype, fixed)]
      : [builder.inputArray('x', shape, dtype, fixed), builder.addValue('y', [2, 3, 4])];
  builder.output('y', builder.addStep({ op, layer: 'step', inputs: [x!], output: y! }));
  return builder.finish();
}

const linear = { type: 'linear' };
const binary = (fn: string) => ({ op: 'binary', function: fn, activation: linear });
const strided = { op: 'strided', sizes: [2, 3], strides: [1, 2], offset: 0 };
const nms = { op: 'nonMaxSuppression', gives: 'indices', overlap: 0.5, softSigma: 0 };

const valid: Readonly<Record<string, Plan>> = {
  toArray: move('toArray', floats(2, 3, 4)),
  toMap: move('toMap', floats(24)),
  alias: planOf({ op: 'alias' }, [floats(2, 3)], floats(6)),
  activation: planOf({ op: 'activation', activation: { type: 'relu' } }, [floats(2, 3)], floats(2, 3)),
  softmax: planOf({ op: 'softmax' }, [floats(2, 3)], floats(2, 3)),
  normalize: planOf({ op: 'normalize', epsilon: 0.1 }, [floats(2, 3)], floats(2, 3)),
  unary: planOf({ op: 'unary', function: 'sqrt' }, [floats(2, 3)], floats(2, 3)),
  unaryOfIntegers: planOf({ op: 'unary', function: 'neg' }, [ints(2, 3)], ints(2, 3)),
  cast: planOf({ op: 'cast' }, [floats(2, 3)], ints(2, 3)),
  binary: planOf(binary('add'), [floats(2, 1), floats(3)], floats(2, 3)),
  comparison: planOf(binary('less'), [ints(2, 3), ints(3)], bools(2, 3)),
  logic: planOf(binary('and'), [bools(2), bools(2)], bools(2)),
  select: planOf({ op: 'select' }, [bools(2, 1), ints(3), ints(1)], ints(2, 3)),
  concat: planOf({ op: 'concat', axis: 1 }, [floats(2, 3), floats(2, 1)], floats(2, 4)),
  strided: planOf(strided, [floats(3, 2)], floats(2, 3)),
  pad: planOf({ op: 'pad', before: [1, 0], fill: 5 }, [floats(2, 3)], floats(4, 3)),
  padOfIntegers: planOf({ op: 'pad', before: [1, 0], fill: 0 }, [ints(2, 3)], ints(4, 3)),
  reduce: planOf({ op: 'reduce', function: 'sum', axes: [0, 2] }, [floats(2, 3, 4)], floats(3)),
  argMax: planOf({ op: 'reduce', function: 'argMax', axes: [1] }, [floats(2, 3)], ints(2)),
  product: planOf(
    { op: 'product', transposeA: false, transposeB: true },
    [floats(5, 2, 3), floats(4, 3)],
    floats(5, 2, 4),
  ),
  gather: planOf({ op: 'gather', axis: 1, along: false }, [floats(2, 5), ints(3, 4)], floats(2, 3, 4)),
  along: planOf({ op: 'gather', axis: 1, along: true }, [floats(2, 5), ints(2, 3)], floats(2, 3)),
  gatherNd: planOf({ op: 'gatherNd' }, [floats(2, 3, 4), ints(5, 2)], floats(5, 4)),
  topK: planOf({ op: 'topK' }, [floats(2, 5)], ints(2, 3)),
  where: planOf({ op: 'where' }, [bools(2, 3)], ints(6, 2)),
  nms: planOf(nms, [floats(5, 4), floats(5)], ints(3)),
};

/** What a test changes: the step, and the values x0, x1, … y. */
type Edit = (step: Record<string, unknown>, values: PlanValue[]) => void;
const set =
  (changes: object): Edit =>
  (step) =>
    Object.assign(step, changes);
/** Gives a value (-1: the output) another shape and dtype. */
const value =
  (id: number, { shape, dtype = 'float32', fixed }: TestArray): Edit =>
  (_, values) =>
    Object.assign(values.at(id)!, {
      shape,
      dtype,
      channels: shape.reduce((a, b) => a * b, 1),
      ...(fixed !== undefined && { fixed }),
    });
const output = (array: TestArray) => value(-1, array);

const faults: [keyof typeof valid, string, Edit, RegExp][] = [
  ['toArray', 'an array of another size', output(floats(2, 3, 5)), /24 elements/],
  ['toArray', 'an array of integers', output(ints(2, 3, 4)), /an array of float32/],
  [
    'toArray',
    'a fixed array, whose batch is not known',
    output({ ...floats(24), fixed: true }),
    /0 elements/,
  ],
  ['toMap', 'an array of another size', value(0, floats(23)), /24 elements/],
  [
    'toMap',
    'a map as its input',
    (_, values) => Object.assign(values[0]!, { layout: undefined, shape: [24] }),
    /a map and an array/,
  ],
  ['alias', 'another size', output(floats(5)), /6 elements/],
  [
    'alias',
    'one of each row as all of the batch',
    output({ ...floats(6), fixed: true }),
    /each row of the batch/,
  ],
  ['alias', 'another dtype', output(ints(6)), /an output of float32/],
  ['activation', 'another shape', output(floats(3, 2)), /an output of shape \[2,3\]/],
  ['activation', 'an unknown one', set({ activation: { type: 'magic' } }), /a known activation/],
  [
    'activation',
    'integers',
    (s, v) => [0, 1].forEach((id) => void value(id, ints(2, 3))(s, v)),
    /an axis of float32/,
  ],
  [
    'softmax',
    'a scalar',
    (s, v) => [0, 1].forEach((id) => void value(id, floats())(s, v)),
    /an axis of float32/,
  ],
  ['softmax', 'an output of integers', output(ints(2, 3)), /an output of float32/],
  ['normalize', 'a negative epsilon', set({ epsilon: -1 }), /an epsilon from 0/],
  [
    'normalize',
    'a fixed input and an output of each row',
    value(0, { ...floats(2, 3), fixed: true }),
    /an output like its input/,
  ],
  ['unary', 'an unknown function', set({ function: 'magic' }), /a function of float32/],
  ['unary', 'the function of bools', set({ function: 'not' }), /a function of float32/],
  ['unary', 'another shape', output(floats(6)), /an output of shape \[2,3\]/],
  ['unary', 'another dtype', output(ints(2, 3)), /an output of float32/],
  [
    'unary',
    'a fixed input and an output of each row',
    value(0, { ...floats(2, 3), fixed: true }),
    /an output like its input/,
  ],
  ['unaryOfIntegers', 'a function of floats', set({ function: 'sqrt' }), /a function of int32/],
  ['cast', 'another shape', output(ints(6)), /an output of shape \[2,3\]/],
  ['cast', 'the dtype that it has', output(floats(2, 3)), /another dtype/],
  [
    'cast',
    'a fixed input and an output of each row',
    value(0, { ...floats(2, 3), fixed: true }),
    /an output like its input/,
  ],
  ['binary', 'an unknown function', set({ function: 'magic' }), /a known function/],
  ['binary', 'inputs of two dtypes', value(1, ints(3)), /inputs of one dtype/],
  ['binary', 'inputs that do not broadcast', value(0, floats(2, 2)), /an output of shape \[\]/],
  ['binary', 'another shape than both broadcast to', output(floats(2, 1)), /an output of shape \[2,3\]/],
  ['binary', 'another dtype', output(ints(2, 3)), /an output of float32/],
  ['binary', 'bools of floats', set({ function: 'and' }), /a function of this dtype/],
  ['binary', 'an activation', set({ activation: { type: 'relu' } }), /no activation/],
  ['binary', 'no activation at all', set({ activation: undefined }), /no activation/],
  ['comparison', 'numbers as its result', output(ints(2, 3)), /an output of bool/],
  ['comparison', 'a quotient of integers', set({ function: 'div' }), /a function of this dtype/],
  ['logic', 'numbers as its result', output(ints(2)), /an output of bool/],
  ['select', 'a condition of integers', value(0, ints(2, 1)), /a bool and two of one dtype/],
  ['select', 'two dtypes', value(2, floats(1)), /a bool and two of one dtype/],
  ['select', 'another dtype', output(floats(2, 3)), /an output of int32/],
  ['select', 'a condition that does not broadcast', value(0, bools(4)), /an output of shape \[\]/],
  ['concat', 'an axis that it does not have', set({ axis: 2 }), /an axis below 2/],
  ['concat', 'an axis below zero', set({ axis: -1 }), /an axis below 2/],
  ['concat', 'an axis that is a fraction', set({ axis: 0.5 }), /an axis below 2/],
  ['concat', 'another rank', value(1, floats(2)), /an output of shape \[\]/],
  ['concat', 'another size beside the axis', value(1, floats(3, 1)), /an output of shape \[3,4\]/],
  ['concat', 'too few entries', output(floats(2, 5)), /4 entries of one dtype/],
  ['concat', 'two dtypes', value(1, ints(2, 1)), /4 entries of one dtype/],
  ['concat', 'another dtype', output(ints(2, 4)), /an output of float32/],
  [
    'concat',
    'a fixed one among those of each row',
    value(0, { ...floats(2, 3), fixed: true }),
    /arrays of each row of the batch/,
  ],
  ['strided', 'no sizes', set({ sizes: undefined }), /sizes, strides and an offset/],
  ['strided', 'a stride that is a fraction', set({ strides: [1, 0.5] }), /sizes, strides and an offset/],
  ['strided', 'fewer strides than sizes', set({ strides: [1] }), /sizes, strides and an offset/],
  ['strided', 'an offset that is no number', set({ offset: '0' }), /sizes, strides and an offset/],
  ['strided', 'sizes of another array', set({ sizes: [2, 2] }), /sizes of 6 elements/],
  ['strided', 'a size of zero', set({ sizes: [0, 3] }), /sizes of 6 elements/],
  ['strided', 'elements before the first', set({ strides: [-1, 2] }), /elements of the input, received \[-1/],
  ['strided', 'elements behind the last', set({ offset: 1 }), /elements of the input/],
  ['strided', 'elements beyond any number', set({ strides: [2 ** 53, 2] }), /sizes, strides and an offset/],
  ['strided', 'another dtype', output(ints(2, 3)), /an output of float32/],
  ['pad', 'another number of axes', set({ before: [1] }), /2 numbers/],
  ['pad', 'no room', set({ before: [3, 0] }), /room for the input/],
  ['pad', 'room below zero', set({ before: [-1, 0] }), /room for the input/],
  ['pad', 'another rank', output(floats(12)), /2 numbers/],
  ['pad', 'a fill that is no number', set({ fill: '0' }), /a number to fill with/],
  [
    'pad',
    'another dtype',
    (s, v) => {
      set({ fill: 0 })(s, v);
      output(ints(4, 3))(s, v);
    },
    /an output of float32/,
  ],
  ['padOfIntegers', 'another fill than zero', set({ fill: 1 }), /0 for integers/],
  ['reduce', 'an unknown function', set({ function: 'median' }), /a known function/],
  ['reduce', 'no axes', set({ axes: [] }), /rising axes/],
  ['reduce', 'axes that fall', set({ axes: [2, 0] }), /rising axes/],
  ['reduce', 'an axis twice', set({ axes: [0, 0] }), /rising axes/],
  ['reduce', 'an axis that it does not have', set({ axes: [0, 3] }), /an axis below 3/],
  ['reduce', 'another shape', output(floats(4)), /an output of shape \[3\]/],
  ['reduce', 'another dtype', output(ints(3)), /an output of float32/],
  ['argMax', 'positions as floats', output(floats(2)), /an output of int32/],
  ['product', 'a vector', value(1, floats(3)), /two float32 matrices/],
  ['product', 'integers', value(1, ints(4, 3)), /two float32 matrices/],
  ['product', 'inner sizes that differ', set({ transposeA: true }), /matrices that fit/],
  ['product', 'a front that does not broadcast', value(1, floats(2, 4, 3)), /matrices that fit/],
  ['product', 'another shape', output(floats(5, 4, 2)), /an output of shape \[5,2,4\]/],
  ['product', 'another dtype', output(ints(5, 2, 4)), /an output of float32/],
  ['gather', 'an axis that it does not have', set({ axis: 2 }), /an axis below 2/],
  ['gather', 'places that are floats', value(1, floats(3, 4)), /indices of int32/],
  ['gather', 'another shape', output(floats(3, 4, 2)), /an output of shape \[2,3,4\]/],
  ['gather', 'another dtype', output(ints(2, 3, 4)), /an output of float32/],
  ['along', 'another axis than the last', set({ axis: 0 }), /the last axis/],
  ['along', 'places of another rank', value(1, ints(3)), /the last axis/],
  ['along', 'places of other rows', value(1, ints(3, 3)), /indices of each row/],
  ['along', 'another shape', output(floats(2, 5)), /an output of shape \[2,3\]/],
  ['gatherNd', 'places that are floats', value(1, floats(5, 2)), /tuples of up to 3 int32/],
  ['gatherNd', 'tuples that are too long', value(1, ints(5, 4)), /tuples of up to 3 int32/],
  ['gatherNd', 'a scalar for tuples', value(1, ints()), /tuples of up to 3 int32/],
  ['gatherNd', 'another shape', output(floats(5, 3)), /an output of shape \[5,4\]/],
  ['gatherNd', 'another dtype', output(ints(5, 4)), /an output of float32/],
  ['topK', 'more than there are', output(ints(2, 6)), /1 to 5 of them/],
  ['topK', 'a scalar', value(0, floats()), /1 to 0 of them/],
  ['topK', 'another shape', output(ints(3, 3)), /an output of shape \[2,3\]/],
  ['topK', 'positions as floats', output(floats(2, 3)), /an output of int32/],
  ['where', 'numbers', value(0, ints(2, 3)), /axes of bools/],
  ['where', 'a scalar', value(0, bools()), /axes of bools/],
  ['where', 'another shape', output(ints(6, 3)), /an output of shape \[6,2\]/],
  ['where', 'places that are floats', output(floats(6, 2)), /an output of int32/],
  ['nms', 'boxes of three numbers', value(0, floats(5, 3)), /float32 boxes \[n, 4\] and scores \[n\]/],
  ['nms', 'scores of other boxes', value(1, floats(4)), /float32 boxes/],
  ['nms', 'scores of a matrix', value(1, floats(5, 1)), /float32 boxes/],
  ['nms', 'integers', value(1, ints(5)), /float32 boxes/],
  ['nms', 'a threshold that is not finite', set({ overlap: Number.NaN }), /finite thresholds/],
  ['nms', 'a lowest score that is no number', set({ lowestScore: 'low' }), /finite thresholds/],
  ['nms', 'something else to give', set({ gives: 'boxes' }), /indices or scores/],
  ['nms', 'more than there are', output(ints(6)), /up to 5 of them/],
  ['nms', 'a matrix of places', output(ints(3, 1)), /up to 5 of them/],
  ['nms', 'places that are floats', output(floats(3)), /an output of int32/],
  ['nms', 'a step that arrays do not have', set({ op: 'pool', inputs: [0] }), /a step on arrays/],
  [
    'alias',
    'a map among arrays',
    (_, values) => Object.assign(values[0]!, { layout: undefined, shape: [6] }),
    /arrays, received "the map/,
  ],
];

describe('a step on arrays', () => {
  it.each(Object.entries(valid))('%s: passes as it should be', (_, plan) => {
    expect(() => validatePlan(plan)).not.toThrow();
  });

  it.each(faults)('%s: refuses %s', (name, _, edit, message) => {
    const plan = structuredClone(valid[name]!);
    edit(plan.steps[0]! as never, plan.values);
    const check = () => validatePlan(plan);
    expect(check).toThrow(expect.objectContaining({ code: 'ERR_SPARSE_PLAN' }));
    expect(check).toThrow(message);
  });

  it('refuses a value that nothing made', () => {
    for (const inputs of [[1], [7], [0.5], [], [0, 0]]) {
      const plan = structuredClone(valid.softmax!);
      plan.steps[0]!.inputs = inputs;
      expect(() => validatePlan(plan)).toThrow(/to read one value that was made before/);
    }
  });
});
