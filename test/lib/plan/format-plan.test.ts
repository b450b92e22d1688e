import { describe, expect, it } from 'vitest';
import { lowerModel } from '../../../lib/compile/lower-model.ts';
import { emitActivation } from '../../../lib/plan/emit/activation.ts';
import { emitConv2d } from '../../../lib/plan/emit/conv2d.ts';
import { emitDense } from '../../../lib/plan/emit/dense.ts';
import { emitDepthwise } from '../../../lib/plan/emit/depthwise.ts';
import { formatPlan } from '../../../lib/plan/format-plan.ts';
import { stepShape } from '../../../lib/plan/step-shape.ts';
import { articleCnn } from '../../helpers/models.ts';
import { plainWindow, planOf } from '../../helpers/small-plans.ts';

describe('formatPlan', () => {
  it('prints a line per step, columns aligned', () => {
    const plan = planOf([5, 6, 2], (builder, x) => {
      const window = { ...plainWindow([3, 3], [2, 1]), padding: [0, 1, 1, 1] } as const;
      const conv = emitConv2d(builder, 'conv', x, {
        kernel: Float32Array.from({ length: 54 }, (_, i) => i % 2),
        outputs: 3,
        window: window as never,
      });
      return emitActivation(
        builder,
        'head',
        emitDense(builder, 'head', conv, {
          kernel: new Float32Array(6),
          outputs: 2,
          bias: new Float32Array([1, 0]),
        }),
        { type: 'leakyRelu', alpha: 0.25 },
      );
    });
    expect(`\n${formatPlan(plan)}\n`).toBe(`
inputs:  x [5, 6, 2]
outputs: y [2, 6, 2]
#  step        reads  layer  output     how                           parameters  zeros
0  conv2d      x      conv   [2, 6, 3]  3 x 18, 3x3 /2x1 pad 0,1,1,1  54          50.0 %
1  matmul      #0     head   [2, 6, 2]  2 x 3                         8           87.5 %
2  activation  #1     head   [2, 6, 2]  leakyRelu(0.25)
3 steps, 62 parameters, 54.8 % zeros
`);
  });

  it('stays one line a step for a model of 200 layers', () => {
    const plan = planOf([4], (builder, x) => {
      let y = x;
      for (let i = 0; i < 200; i++)
        y = emitDense(builder, `dense_${i}`, y, { kernel: new Float32Array(16), outputs: 4 });
      return y;
    });
    const lines = formatPlan(plan).split('\n');
    expect(lines.length).toBe(204);
    expect(new Set(lines.slice(3, 203).map((line) => line.indexOf('matmul'))).size).toBe(1);
    expect(lines.at(-1)).toBe('200 steps, 3,200 parameters, 100.0 % zeros');
  });
});

describe('stepShape', () => {
  it("gives M, N and K of the article's network", async () => {
    const plan = await lowerModel(articleCnn('softmax'));
    expect(plan.steps.map((step) => [step.op, stepShape(plan, step, 16)])).toEqual([
      ['conv2d', { m: 16 * 26 * 26, n: 12, k: 9 }],
      ['pool', { m: 16 * 13 * 13, n: 12, k: 4 }],
      ['alias', { m: 16 * 13 * 13, n: 12, k: 0 }],
      ['matmul', { m: 16, n: 10, k: 2028 }],
      ['softmax', { m: 16, n: 10, k: 10 }],
    ]);
  });

  it('counts positions for maps, and a flattened map as one vector', () => {
    const plan = planOf([4, 4, 2], (builder, x, random) => {
      const dw = emitDepthwise(builder, 'dw', x, {
        kernel: random.floats(8),
        multiplier: 1,
        window: plainWindow([2, 2]),
      });
      return emitActivation(builder, 'act', emitActivation(builder, 'soft', dw, { type: 'softmax' }), {
        type: 'relu',
      });
    });
    expect(plan.steps.map((step) => stepShape(plan, step, 2))).toEqual([
      { m: 18, n: 2, k: 4 },
      { m: 18, n: 2, k: 2 },
      { m: 18, n: 2, k: 1 },
    ]);
  });
});
