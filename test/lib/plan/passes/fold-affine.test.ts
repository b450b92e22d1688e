import { describe, expect, it } from 'vitest';
import { emitActivation } from '../../../../lib/plan/emit/activation.ts';
import { emitAffine } from '../../../../lib/plan/emit/affine.ts';
import { emitConv2d } from '../../../../lib/plan/emit/conv2d.ts';
import { emitDense } from '../../../../lib/plan/emit/dense.ts';
import { emitDepthwise } from '../../../../lib/plan/emit/depthwise.ts';
import { emitReshape } from '../../../../lib/plan/emit/reshape.ts';
import { foldAffine } from '../../../../lib/plan/passes/fold-affine.ts';
import type { AffineStep, MatmulStep, Plan } from '../../../../lib/plan/plan.ts';
import { expectSameResults, plainWindow, planOf } from '../../../helpers/small-plans.ts';

const ops = (plan: Plan) => plan.steps.map((step) => step.op);
const ones = (length: number) => new Float32Array(length).fill(1);

describe('foldAffine', () => {
  it('scales the rows of the weight and the bias', () => {
    const before = planOf([2], (plan, x) => {
      const y = emitDense(plan, 'fc', x, {
        kernel: Float32Array.of(1, 2, 3, 4),
        outputs: 2,
        bias: Float32Array.of(1, -1),
      });
      return emitAffine(plan, 'bn', y, {
        scale: Float32Array.of(10, 100),
        shift: Float32Array.of(0.5, 0.25),
      });
    });
    const after = foldAffine(before);
    expect(after.steps).toMatchObject([{ op: 'matmul', layer: 'fc+bn', output: before.outputs[0]!.value }]);
    const step = after.steps[0] as MatmulStep;
    // Rows are outputs: [1, 3] and [2, 4].
    expect([...after.tensors[step.weight]!.data]).toEqual([10, 30, 200, 400]);
    expect([...after.tensors[step.bias!]!.data]).toEqual([10.5, -99.75]);
    expectSameResults(before, after);
    // The plan before is left as it was.
    expect(ops(before)).toEqual(['matmul', 'affine']);
    expect([...before.tensors['fc/kernel']!.data]).toEqual([1, 3, 2, 4]);
  });

  it('makes a bias where there was none, and folds two in a row', () => {
    const before = planOf([4, 4, 2], (plan, x, random) => {
      const window = plainWindow([2, 3]);
      let y = emitConv2d(plan, 'conv', x, { kernel: random.floats(2 * 3 * 2 * 3), outputs: 3, window });
      for (const name of ['bn1', 'bn2']) {
        y = emitAffine(plan, name, y, { scale: random.floats(3), shift: random.floats(3) });
      }
      return y;
    });
    const after = foldAffine(before);
    expect(after.steps).toMatchObject([{ op: 'conv2d', layer: 'conv+bn1+bn2', bias: 'conv+bn1+bn2/bias' }]);
    expectSameResults(before, after);
  });

  it('makes one of two that nothing can take, and leaves those with an activation or other sizes between them', () => {
    const before = planOf([2, 3, 2], (plan, x) => {
      const operands = (scale: number[], shift: number[]) => ({
        scale: Float32Array.from(scale),
        shift: Float32Array.from(shift),
      });
      const y = emitAffine(plan, 'a', x, operands([2, 3], [1, -1]));
      return emitActivation(plan, 'relu', emitAffine(plan, 'b', y, operands([10, 100], [0.5, 0.25])), {
        type: 'relu',
      });
    });
    const after = foldAffine(before);
    expect(after.steps).toMatchObject([{ op: 'affine', layer: 'a+b' }, { op: 'activation' }]);
    const step = after.steps[0] as AffineStep;
    expect([...after.tensors[step.scale]!.data]).toEqual([20, 300]);
    expect([...after.tensors[step.shift]!.data]).toEqual([10.5, -99.75]);
    expectSameResults(before, after);
    const bounded = structuredClone(before);
    (bounded.steps[0] as AffineStep).activation = { type: 'relu' };
    expect(ops(foldAffine(bounded))).toEqual(['affine', 'affine', 'activation']);
    const flattened = planOf([2, 3, 2], (plan, x, random) => {
      const one = (name: string, from: number, size: number) =>
        emitAffine(plan, name, from, { scale: random.floats(size), shift: random.floats(size) });
      return one('wide', one('narrow', x, 2), 12);
    });
    expect(ops(foldAffine(flattened))).toEqual(['affine', 'affine']);
    const large = structuredClone(before);
    for (const { data } of Object.values(large.tensors)) data.fill(1e30);
    expect(ops(foldAffine(large))).toEqual(['affine', 'affine', 'activation']);
  });

  it('folds into a depthwise convolution', () => {
    const before = planOf([4, 4, 2], (plan, x, random) => {
      const y = emitDepthwise(plan, 'dw', x, {
        kernel: random.floats(8 * 2),
        multiplier: 2,
        window: plainWindow([2, 2]),
      });
      return emitAffine(plan, 'bn', y, { scale: random.floats(4), shift: random.floats(4) });
    });
    const after = foldAffine(before);
    expect(ops(after)).toEqual(['depthwise']);
    expectSameResults(before, after);
  });

  it('keeps exact zeros, even under an infinite scale', () => {
    const before = planOf([2], (plan, x) => {
      const y = emitDense(plan, 'fc', x, { kernel: Float32Array.of(0, 5, -0, 0), outputs: 2 });
      const scale = Float32Array.of(Number.POSITIVE_INFINITY, 2);
      return emitAffine(plan, 'bn', y, { scale, shift: new Float32Array(2) });
    });
    const after = foldAffine(before);
    expect([...after.tensors['fc+bn/kernel']!.data]).toEqual([0, 0, 10, 0]);
  });

  it('leaves an affine step whose input is read elsewhere, activated, or flattened', () => {
    const bn = { scale: ones(3), shift: ones(3) };
    const fc = { kernel: ones(6), outputs: 3 };
    const twice = planOf([2], (plan, x) => {
      const y = emitDense(plan, 'fc', x, fc);
      plan.output('raw', y);
      return emitAffine(plan, 'bn', y, bn);
    });
    const activated = planOf([2], (plan, x) => {
      const y = emitActivation(plan, 'act', emitDense(plan, 'fc', x, fc), { type: 'relu' });
      return emitAffine(plan, 'bn', y, bn);
    });
    const flattened = planOf([2, 2], (plan, x) => {
      const y = emitReshape(plan, 'flat', emitDense(plan, 'fc', x, fc), [6])!;
      return emitAffine(plan, 'bn', y, { scale: ones(6), shift: ones(6) });
    });
    for (const plan of [twice, activated, flattened]) expect(ops(foldAffine(plan))).toEqual(ops(plan));
  });

  it('gives a shared weight two copies, each with its own scale', () => {
    const before = planOf([2], (plan, x, random) => {
      const kernel = random.floats(4);
      const call = (from: number, scale: number) =>
        emitAffine(plan, 'bn', emitDense(plan, 'fc', from, { kernel, outputs: 2 }), {
          scale: Float32Array.of(scale, scale),
          shift: new Float32Array(2),
        });
      return call(call(x, 2), 3);
    });
    expect(Object.keys(before.tensors).filter((name) => name.startsWith('fc/'))).toEqual(['fc/kernel']);
    const after = foldAffine(before);
    expect(after.steps.map((step) => (step as MatmulStep).weight)).toEqual([
      'fc+bn/kernel',
      'fc+bn/kernel#2',
    ]);
    expectSameResults(before, after);
  });
});
