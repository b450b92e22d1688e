import { describe, expect, it } from 'vitest';
import type { PlanBuilder } from '../../../../lib/plan/builder.ts';
import { emitConv2d } from '../../../../lib/plan/emit/conv2d.ts';
import { sizeOf } from '../../../../lib/plan/geometry.ts';
import { mapMoves } from '../../../../lib/plan/passes/map-moves.ts';
import { optimizePlan } from '../../../../lib/plan/passes/optimize.ts';
import { removeIdentities } from '../../../../lib/plan/passes/remove-identities.ts';
import type { Plan, PlanStep, ValueId } from '../../../../lib/plan/plan.ts';
import { rowMajorStrides } from '../../../../lib/plan/strides.ts';
import { validatePlan } from '../../../../lib/plan/validate.ts';
import { Random } from '../../../helpers/random.ts';
import { bits, sessionOf } from '../../../helpers/sessions.ts';
import { plainWindow, planOf } from '../../../helpers/small-plans.ts';

/** Steps on arrays by short names, as the lowering of a graph adds them. */
class Arrays {
  readonly plan: PlanBuilder;
  constructor(plan: PlanBuilder) {
    this.plan = plan;
  }
  shape(x: ValueId): number[] {
    return this.plan.value(x).shape;
  }
  step(step: object, inputs: ValueId[], shape: readonly number[]): ValueId {
    const output = this.plan.addArray('a', shape, 'float32', false);
    return this.plan.addStep({ layer: 'a', inputs, output, ...step } as PlanStep);
  }
  from(map: ValueId): ValueId {
    return this.step({ op: 'toArray' }, [map], this.shape(map));
  }
  toMap(x: ValueId, shape = this.shape(x)): ValueId {
    const output = this.plan.addValue('m', shape);
    return this.plan.addStep({ op: 'toMap', layer: 'm', inputs: [x], output });
  }
  reshape(x: ValueId, shape: readonly number[]): ValueId {
    return this.step({ op: 'alias' }, [x], shape);
  }
  transpose(x: ValueId, order: readonly number[]): ValueId {
    const strides = rowMajorStrides(this.shape(x));
    const sizes = order.map((axis) => this.shape(x)[axis]!);
    return this.step(
      { op: 'strided', sizes, strides: order.map((axis) => strides[axis]!), offset: 0 },
      [x],
      sizes,
    );
  }
  slice(x: ValueId, axis: number, first: number, size: number, step = 1): ValueId {
    const strides = rowMajorStrides(this.shape(x));
    const sizes = this.shape(x).with(axis, size);
    const offset = first * strides[axis]!;
    return this.step(
      { op: 'strided', sizes, strides: strides.with(axis, strides[axis]! * step), offset },
      [x],
      sizes,
    );
  }
  pad(x: ValueId, axis: number, before: number, after: number, fill = 0): ValueId {
    const shape = this.shape(x);
    const rooms = shape.map((_, i) => (i === axis ? before : 0));
    return this.step(
      { op: 'pad', before: rooms, fill },
      [x],
      shape.with(axis, shape[axis]! + before + after),
    );
  }
  concat(xs: ValueId[], axis: number): ValueId {
    const size = xs.reduce((sum, x) => sum + this.shape(x)[axis]!, 0);
    return this.step({ op: 'concat', axis }, xs, this.shape(xs[0]!).with(axis, size));
  }
  tanh(x: ValueId): ValueId {
    return this.step({ op: 'activation', activation: { type: 'tanh' } }, [x], this.shape(x));
  }
  binary(fn: string, a: ValueId, b: ValueId): ValueId {
    return this.step({ op: 'binary', function: fn, activation: { type: 'linear' } }, [a, b], this.shape(a));
  }
}

const arraysOf = (shape: readonly number[], build: (arrays: Arrays, x: ValueId, random: Random) => ValueId) =>
  planOf(shape, (plan, x, random) => build(new Arrays(plan), x, random));
const ops = (plan: Plan) => removeIdentities(plan).steps.map(({ op }) => op);

function expectSameBits(before: Plan, after: Plan): void {
  validatePlan(after);
  const random = new Random();
  const size = sizeOf(before.values[before.inputs[0]!.value]!.shape);
  for (const batch of before.batch === undefined ? [1, 3] : [before.batch]) {
    const x = random.floats(batch * size);
    const run = (plan: Plan) => sessionOf(plan).run({ x });
    for (const [name, values] of Object.entries(run(before)))
      expect(bits(run(after)[name] as Float32Array), `${name}, SEED=${random.seed}`).toBe(
        bits(values as Float32Array),
      );
  }
}

describe('mapMoves', () => {
  it('makes one pick of a channel shuffle', () => {
    const before = arraysOf([3, 4, 6], (arrays, x) => {
      const groups = arrays.reshape(arrays.from(x), [3, 4, 2, 3]);
      return arrays.toMap(arrays.reshape(arrays.transpose(groups, [0, 1, 3, 2]), [3, 4, 6]));
    });
    expect(ops(before)).toEqual(['toArray', 'alias', 'strided', 'alias', 'toMap']);
    const after = removeIdentities(mapMoves(before));
    expect(after.steps).toMatchObject([
      { op: 'pick', rows: [0, 1, 2], columns: [0, 1, 2, 3], channels: [0, 3, 1, 4, 2, 5] },
    ]);
    expectSameBits(before, mapMoves(before));
  });

  it('makes a pick of each half of a shuffle that is split', () => {
    const before = arraysOf([2, 2, 4], (arrays, x) => {
      const shuffled = arrays.transpose(arrays.reshape(arrays.from(x), [2, 2, 2, 2]), [0, 1, 3, 2]);
      const flat = arrays.reshape(shuffled, [2, 2, 4]);
      const [left, right] = [0, 2].map((first) => arrays.toMap(arrays.slice(flat, 2, first, 2)));
      arrays.plan.output('left', left!);
      return right!;
    });
    const after = removeIdentities(mapMoves(before));
    expect(after.steps.map((step) => step.op === 'pick' && step.channels)).toEqual([
      [0, 2],
      [1, 3],
    ]);
    expectSameBits(before, mapMoves(before));
  });

  it('lets nothing of the transposes between convolutions stay: activation, padding, sum and concatenation fuse', () => {
    const before = arraysOf([6, 6, 4], (arrays, x, random) => {
      const conv = (name: string, from: ValueId, size: number) =>
        emitConv2d(arrays.plan, name, from, {
          kernel: random.floats(size * size * arrays.plan.value(from).channels * 4),
          outputs: 4,
          window: plainWindow([size, size]),
        });
      const first = (map: ValueId) => arrays.transpose(arrays.from(map), [2, 0, 1]);
      const last = (array: ValueId) => arrays.toMap(arrays.transpose(array, [1, 2, 0]));
      const a = arrays.tanh(first(conv('one', x, 1)));
      const padded = arrays.pad(arrays.pad(a, 1, 1, 1), 2, 1, 1);
      const b = first(conv('three', last(padded), 3));
      const sum = arrays.tanh(arrays.binary('add', b, a));
      return conv('out', last(arrays.concat([sum, a], 0)), 1);
    });
    expect(before.steps.length).toBe(17);
    const after = optimizePlan(before);
    expect(after.steps.map(({ op, layer }) => `${op} ${layer}`)).toEqual([
      'matmul one+a',
      'conv2d three+a',
      'concat a',
      'matmul out',
    ]);
    expectSameBits(before, after);
  });

  it('joins a flatten and the reshape that undoes it', () => {
    const before = arraysOf([2, 3, 4], (arrays, x) =>
      arrays.toMap(arrays.reshape(arrays.reshape(arrays.from(x), [24]), [6, 4])),
    );
    const after = removeIdentities(mapMoves(before));
    expect(after.steps).toMatchObject([{ op: 'alias', inputs: [after.inputs[0]!.value] }]);
    expectSameBits(before, after);
  });

  it('moves what is wanted as an array once, after it was computed on the map', () => {
    const before = arraysOf([2, 3, 4], (arrays, x) => {
      const a = arrays.tanh(arrays.from(x));
      return arrays.reshape(arrays.binary('mul', a, arrays.from(x)), [24]);
    });
    const after = mapMoves(before);
    expect(after.steps.map(({ op }) => op)).toEqual(['activation', 'binary', 'toArray', 'alias']);
    expectSameBits(before, after);
  });

  it('keeps a copy for those who read an array in another order', () => {
    const before = arraysOf([2, 3, 4], (arrays, x) => {
      const turned = arrays.tanh(arrays.transpose(arrays.from(x), [2, 0, 1]));
      arrays.plan.output('turned', turned);
      return arrays.toMap(arrays.transpose(turned, [1, 2, 0]));
    });
    expect(ops(mapMoves(before))).toEqual(['toArray', 'strided', 'activation', 'activation']);
    expectSameBits(before, mapMoves(before));
  });

  it.each<[string, (arrays: Arrays, x: ArrayOfMap) => ValueId]>([
    ['rows and columns that change places', (arrays, x) => arrays.transpose(x, [1, 0, 2])],
    ['channels that become positions', (arrays, x) => arrays.transpose(x, [2, 1, 0])],
    ['positions that become channels', (arrays, x) => arrays.reshape(x, [2, 12])],
    [
      'a repetition',
      (arrays, x) => arrays.step({ op: 'strided', sizes: [24, 2], strides: [1, 0], offset: 0 }, [x], [24, 2]),
    ],
    [
      'a diagonal',
      (arrays, x) => arrays.step({ op: 'strided', sizes: [2, 4], strides: [16, 1], offset: 0 }, [x], [2, 4]),
    ],
    [
      'a loop that runs over the end of an axis',
      (arrays, x) => arrays.step({ op: 'strided', sizes: [2, 3], strides: [4, 1], offset: 3 }, [x], [2, 3]),
    ],
    ['a concatenation of rows', (arrays, x) => arrays.concat([x, x], 0)],
    [
      'a sum over columns',
      (arrays, x) => arrays.step({ op: 'reduce', function: 'sum', axes: [1] }, [x], [2, 4]),
    ],
  ])('leaves %s', (_, build) => {
    const before = arraysOf([2, 3, 4], (arrays, x) => arrays.toMap(build(arrays, arrays.from(x))));
    expect(mapMoves(before).steps.at(-1)!.op).toBe('toMap');
    expectSameBits(before, mapMoves(before));
  });

  it('takes a fixed array of one row of the batch, and leaves one of several', () => {
    for (const batch of [1, 2]) {
      const before = planOf([2, 2, 4], (plan, x) => {
        plan.fixBatch(batch);
        const array = plan.addArray('a', [batch, 2, 2, 4], 'float32', true);
        plan.addStep({ op: 'toArray', layer: 'a', inputs: [x], output: array });
        const [sizes, strides] = [
          [batch, 2, 2, 4],
          [16, 8, 4, -1],
        ];
        const turned = plan.addArray('t', sizes, 'float32', true);
        plan.addStep({
          op: 'strided',
          layer: 't',
          inputs: [array],
          output: turned,
          sizes,
          strides,
          offset: 3,
        });
        return plan.addStep({
          op: 'toMap',
          layer: 'm',
          inputs: [turned],
          output: plan.addValue('m', [2, 2, 4]),
        });
      });
      const after = removeIdentities(mapMoves(before));
      expect(ops(after)).toEqual(batch === 1 ? ['pick'] : ['toArray', 'strided', 'toMap']);
      expectSameBits(before, mapMoves(before));
    }
  });

  it('gives the same bits for random chains of steps on arrays', () => {
    const random = new Random();
    let lifted = 0;
    for (let round = 0; round < 60; round++) {
      const before = randomChain(random);
      const after = mapMoves(before);
      lifted += after.steps.some(({ op }) => op === 'toMap') ? 0 : 1;
      expectSameBits(before, after);
    }
    expect(lifted, `SEED=${random.seed}`).toBeGreaterThan(10);
  });
});

type ArrayOfMap = ValueId;

/** Moves and sums of one array, whose axes are put back into their first order as a rule. */
function randomChain(random: Random): Plan {
  const shape = [random.integer(1, 3), random.integer(1, 4), 2 * random.integer(1, 3)];
  return arraysOf(shape, (arrays, x) => {
    let array = arrays.from(x);
    let order = [0, 1, 2];
    for (let i = random.integer(1, 6); i > 0; i--) {
      const own = arrays.shape(array);
      const axis = random.integer(0, 2);
      switch (random.integer(0, 6)) {
        case 0: {
          const turn = random.pick([
            [2, 0, 1],
            [1, 2, 0],
            [0, 2, 1],
            [0, 1, 2],
          ]);
          array = arrays.transpose(array, turn);
          order = turn.map((from) => order[from]!);
          break;
        }
        case 1:
          array = arrays.slice(
            array,
            axis,
            0,
            Math.ceil(own[axis]! / 2),
            own[axis]! > 2 ? random.pick([1, 2]) : 1,
          );
          break;
        case 2:
          array = arrays.slice(array, axis, own[axis]! - 1, own[axis]!, -1);
          break;
        case 3:
          array = arrays.pad(array, axis, random.integer(0, 2), random.integer(0, 1), 0.5);
          break;
        case 4:
          array = arrays.binary(random.pick(['sub', 'max']), arrays.tanh(array), array);
          break;
        case 5:
          array = arrays.concat([array, arrays.tanh(array)], order.indexOf(2));
          break;
        default: {
          // The shuffle of one axis, where it is even.
          if (own[axis]! % 2 === 1) break;
          const split = [...own.slice(0, axis), 2, own[axis]! / 2, ...own.slice(axis + 1)];
          const swapped = split.map((_, i) => (i === axis ? axis + 1 : i === axis + 1 ? axis : i));
          array = arrays.reshape(arrays.transpose(arrays.reshape(array, split), swapped), own);
        }
      }
    }
    const back = [0, 1, 2].map((axis) => order.indexOf(axis));
    return arrays.toMap(random.integer(0, 4) === 0 ? array : arrays.transpose(array, back));
  });
}
