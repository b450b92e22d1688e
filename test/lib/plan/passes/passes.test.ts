import { describe, expect, it } from 'vitest';
import { emitActivation } from '../../../../lib/plan/emit/activation.ts';
import { emitAffine } from '../../../../lib/plan/emit/affine.ts';
import { emitConv2d } from '../../../../lib/plan/emit/conv2d.ts';
import { emitDense } from '../../../../lib/plan/emit/dense.ts';
import { emitPool } from '../../../../lib/plan/emit/pool.ts';
import { emitReshape } from '../../../../lib/plan/emit/reshape.ts';
import { fuseActivation } from '../../../../lib/plan/passes/fuse-activation.ts';
import { optimizePlan } from '../../../../lib/plan/passes/optimize.ts';
import { pointwiseConv } from '../../../../lib/plan/passes/pointwise-conv.ts';
import { removeDead } from '../../../../lib/plan/passes/remove-dead.ts';
import { removeIdentities } from '../../../../lib/plan/passes/remove-identities.ts';
import type { Plan } from '../../../../lib/plan/plan.ts';
import { expectSameResults, plainWindow, planOf } from '../../../helpers/small-plans.ts';

const ops = (plan: Plan) => plan.steps.map((step) => step.op);

describe('fuseActivation', () => {
  it('lets the step before compute the activation', () => {
    const before = planOf([3], (plan, x, random) => {
      const y = emitDense(plan, 'fc', x, { kernel: random.floats(12), outputs: 4 });
      return emitActivation(plan, 'act', y, { type: 'leakyRelu', alpha: 0.2 });
    });
    const after = fuseActivation(before);
    expect(after.steps).toMatchObject([
      { op: 'matmul', layer: 'fc+act', activation: { type: 'leakyRelu', alpha: 0.2 } },
    ]);
    expectSameResults(before, after);
  });

  it('names a layer with an activation of its own once', () => {
    const plan = planOf([3], (builder, x, random) =>
      emitActivation(builder, 'fc', emitDense(builder, 'fc', x, { kernel: random.floats(3), outputs: 1 }), {
        type: 'relu',
      }),
    );
    expect(fuseActivation(plan).steps.map((step) => step.layer)).toEqual(['fc']);
  });

  it('leaves a second activation, one behind a pool, and one whose input is read elsewhere', () => {
    const two = planOf([3], (plan, x, random) => {
      const y = emitAffine(plan, 'bn', x, { scale: random.floats(3), shift: random.floats(3) });
      return emitActivation(plan, 'b', emitActivation(plan, 'a', y, { type: 'relu' }), { type: 'tanh' });
    });
    expect(ops(fuseActivation(two))).toEqual(['affine', 'activation']);
    expectSameResults(two, fuseActivation(two));
    const pooled = planOf([2, 2, 1], (plan, x) =>
      emitActivation(plan, 'a', emitPool(plan, 'p', x, 'max', plainWindow([2, 2])), { type: 'relu' }),
    );
    expect(ops(fuseActivation(pooled))).toEqual(['pool', 'activation']);
    const shared = planOf([3], (plan, x, random) => {
      const y = emitDense(plan, 'fc', x, { kernel: random.floats(3), outputs: 1 });
      plan.output('raw', y);
      return emitActivation(plan, 'a', y, { type: 'relu' });
    });
    expect(ops(fuseActivation(shared))).toEqual(['matmul', 'activation']);
  });
});

describe('pointwiseConv', () => {
  const conv = (
    kernel: [number, number],
    strides: [number, number],
    padding: [number, number, number, number],
  ) =>
    planOf([4, 4, 2], (plan, x, random) =>
      emitConv2d(plan, 'conv', x, {
        kernel: random.floats(kernel[0] * kernel[1] * 2 * 3),
        outputs: 3,
        bias: random.floats(3),
        window: { kernel, strides, dilations: [1, 1], padding },
      }),
    );

  it('turns a 1 × 1 convolution of stride 1 into a matmul at every position', () => {
    const before = conv([1, 1], [1, 1], [0, 0, 0, 0]);
    const after = pointwiseConv(before);
    expect(after.steps).toMatchObject([
      { op: 'matmul', n: 3, k: 2, weight: 'conv/kernel', bias: 'conv/bias' },
    ]);
    expect(after.steps[0]).not.toHaveProperty('window');
    expectSameResults(before, after);
  });

  it('leaves taps, strides and padding', () => {
    for (const plan of [
      conv([1, 2], [1, 1], [0, 0, 0, 0]),
      conv([1, 1], [1, 2], [0, 0, 0, 0]),
      conv([2, 2], [1, 1], [0, 1, 0, 1]),
    ]) {
      expect(ops(pointwiseConv(plan))).toEqual(['conv2d']);
    }
  });
});

describe('removeIdentities', () => {
  it('drops a linear activation, a pool of one element and an alias that ends where it began', () => {
    const before = planOf([2, 3, 2], (plan, x) => {
      const [pooled, activated] = [plan.addValue('p', [2, 3, 2]), plan.addValue('a', [2, 3, 2])];
      const window = plainWindow([1, 1]);
      plan.addStep({ op: 'pool', layer: 'p', inputs: [x], output: pooled, mode: 'avg', window });
      plan.addStep({
        op: 'activation',
        layer: 'a',
        inputs: [pooled],
        output: activated,
        activation: { type: 'linear' },
      });
      const flat = emitReshape(plan, 'flat', activated, [12])!;
      const back = emitReshape(plan, 'back', flat, [2, 3, 2])!;
      return emitActivation(plan, 'act', back, { type: 'relu' });
    });
    const after = removeDead(removeIdentities(before));
    expect(after.steps).toMatchObject([{ op: 'activation', layer: 'act', inputs: [after.inputs[0]!.value] }]);
    expectSameResults(before, after);
  });

  it('lets an alias of an alias read the first memory', () => {
    const before = planOf([2, 3, 2], (plan, x) => {
      const flat = emitReshape(plan, 'flat', x, [12])!;
      return emitReshape(plan, 'rows', flat, [6, 2])!;
    });
    const after = removeDead(removeIdentities(before));
    expect(after.steps).toMatchObject([{ op: 'alias', layer: 'rows', inputs: [after.inputs[0]!.value] }]);
    expectSameResults(before, after);
  });

  it('makes the input the output of a model that changes nothing', () => {
    const before = planOf([4], (plan, x) => {
      const output = plan.addValue('a', [4]);
      return plan.addStep({
        op: 'activation',
        layer: 'a',
        inputs: [x],
        output,
        activation: { type: 'linear' },
      });
    });
    const after = removeDead(removeIdentities(before));
    expect(after).toMatchObject({ steps: [], outputs: [{ name: 'y', value: after.inputs[0]!.value }] });
    expect(after.values.length).toBe(1);
    expectSameResults(before, after);
  });
});

describe('removeDead', () => {
  it('drops steps that no output needs, their tensors and values, and counts the rest anew', () => {
    const before = planOf([3], (plan, x, random) => {
      const unused = emitDense(plan, 'unused', x, { kernel: random.floats(6), outputs: 2 });
      emitActivation(plan, 'unused2', unused, { type: 'relu' });
      return emitDense(plan, 'used', x, { kernel: random.floats(6), outputs: 2 });
    });
    const after = removeDead(before);
    expect(after.steps).toMatchObject([{ layer: 'used', inputs: [0], output: 1 }]);
    expect(after.values.map((value) => value.name)).toEqual(['x', 'used']);
    expect(Object.keys(after.tensors)).toEqual(['used/kernel']);
    expectSameResults(before, after);
    expect(before.steps.length).toBe(3);
  });

  it('keeps an input that nothing reads: callers still give it', () => {
    const before = planOf([3], (plan, x) => {
      plan.input('ignored', [5]);
      return emitActivation(plan, 'a', x, { type: 'relu' });
    });
    expect(removeDead(before).inputs).toMatchObject([{ name: 'x' }, { name: 'ignored' }]);
    expectSameResults(before, removeDead(before));
  });
});

describe('optimizePlan', () => {
  it('runs twice without finding more', () => {
    const before = planOf([4, 4, 2], (plan, x, random) => {
      const y = emitConv2d(plan, 'conv', x, {
        kernel: random.floats(6),
        outputs: 3,
        window: plainWindow([1, 1]),
      });
      const bn = emitAffine(plan, 'bn', y, { scale: random.floats(3), shift: random.floats(3) });
      return emitReshape(plan, 'flat', emitActivation(plan, 'act', bn, { type: 'relu6' }), [48])!;
    });
    const once = optimizePlan(before);
    expect(ops(once)).toEqual(['matmul', 'alias']);
    expect(optimizePlan(once)).toEqual(once);
    expectSameResults(before, once);
  });
});
