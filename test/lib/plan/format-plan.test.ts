import { describe, expect, it } from 'vitest';
import { lowerModel } from '../../../lib/compile/lower-model.ts';
import { emitActivation } from '../../../lib/plan/emit/activation.ts';
import { emitConv2d } from '../../../lib/plan/emit/conv2d.ts';
import { emitDense } from '../../../lib/plan/emit/dense.ts';
import { emitDepthwise } from '../../../lib/plan/emit/depthwise.ts';
import { formatPlan } from '../../../lib/plan/format-plan.ts';
import { shortenLayers } from '../../../lib/plan/layer-names.ts';
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
plan:    3 steps, 62 parameters, 54.8 % zeros

#  step        reads  layer  output     how                           parameters   zeros
0  conv2d      x      conv   [2, 6, 3]  3 x 18, 3x3 /2x1 pad 0,1,1,1          54  50.0 %
1  matmul      #0     head   [2, 6, 2]  2 x 3                                  8  87.5 %
2  activation  #1     head   [2, 6, 2]  leakyRelu(0.25)
`);
    const run = { arenaBytes: 1234, weightBytes: 5e6, isa: 'avx2_fma', threads: 2 };
    const steps = [
      { kernel: 'spmm_24x4__avx2_fma', measuredUs: 20 },
      { kernel: 'spmv__avx2_fma', measuredUs: 75 },
      { kernel: 'activate', measuredUs: 5 },
    ];
    expect(`\n${formatPlan(plan, { ...run, steps })}\n`).toBe(`
inputs:  x [5, 6, 2]
outputs: y [2, 6, 2]
plan:    3 steps, 62 parameters, 54.8 % zeros
runs:    on avx2_fma, 2 threads, activations 1.2 kB, weights 5.0 MB
time:    0.10 ms: matmul 75.0 % (1), conv2d 20.0 % (1), activation 5.0 % (1)

#  step        reads  layer  output     how                           parameters   zeros  kernel       us   share
0  conv2d      x      conv   [2, 6, 3]  3 x 18, 3x3 /2x1 pad 0,1,1,1          54  50.0 %  spmm_24x4  20.0  20.0 %
1  matmul      #0     head   [2, 6, 2]  2 x 3                                  8  87.5 %  spmv       75.0  75.0 %
2  activation  #1     head   [2, 6, 2]  leakyRelu(0.25)                                   activate    5.0   5.0 %

slowest steps
#  step        reads  layer  output     how                           parameters   zeros  kernel       us   share
1  matmul      #0     head   [2, 6, 2]  2 x 3                                  8  87.5 %  spmv       75.0  75.0 %
0  conv2d      x      conv   [2, 6, 3]  3 x 18, 3x3 /2x1 pad 0,1,1,1          54  50.0 %  spmm_24x4  20.0  20.0 %
2  activation  #1     head   [2, 6, 2]  leakyRelu(0.25)                                   activate    5.0   5.0 %
`);
  });

  it('says what moves, what is combined and what many inputs are', () => {
    const plan = planOf([2, 3, 1], (builder, x) => {
      const padded = builder.addValue('pad', [2, 5, 1]);
      const columns = [-1, 0, 1, 2, -1];
      builder.addStep({
        op: 'pick',
        layer: 'pad',
        inputs: [x],
        output: padded,
        rows: [0, 1],
        columns,
        channels: [0],
        fill: 0,
      });
      const joined = builder.addValue('join', [2, 3, 6]);
      builder.addStep({ op: 'concat', layer: 'join', inputs: [x, x, x, x, x, x], output: joined, axis: 2 });
      const array = builder.addArray('array', [2, 3, 6], 'float32', false);
      builder.addStep({ op: 'toArray', layer: 'sum', inputs: [joined], output: array });
      const sum = builder.addArray('sum', [2], 'float32', false);
      builder.addStep({
        op: 'reduce',
        function: 'sum',
        axes: [1, 2],
        layer: 'sum',
        inputs: [array],
        output: sum,
      });
      builder.output('sum', sum);
      return padded;
    });
    const [pad, join, , sum] = formatPlan(plan).split('\n').slice(5);
    expect(pad).toMatch(/^0 {2}pick .* columns, pad with 0$/);
    expect(join).toMatch(/^1 {2}concat +x, x, x and 3 more .* axis 2$/);
    expect(sum).toMatch(/^3 {2}reduce .* sum, axes 1,2$/);
  });

  it('stays one line a step for a model of 200 layers, whatever they are called', () => {
    const plan = planOf([4], (builder, x) => {
      let y = x;
      for (let i = 0; i < 200; i++) {
        const name = `Call/model/block_${i}/${'deep/'.repeat(i % 20)}conv_dense`;
        y = emitDense(builder, name, y, { kernel: new Float32Array(16), outputs: 4 });
      }
      return y;
    });
    const steps = plan.steps.map((_, i) => ({ kernel: 'spmv', measuredUs: i % 2 === 0 ? 1 : 100 + i }));
    const run = { steps, arenaBytes: 1, weightBytes: 1, isa: 'scalar', threads: 1 };
    const lines = formatPlan(plan, run).split('\n');
    expect(lines).toContain('plan:    200 steps, 3,200 parameters, 100.0 % zeros');
    expect(lines).toContain('layers:  below Call/model/');
    const table = lines.slice(lines.indexOf('') + 1);
    const rows = table.slice(1, 201);
    expect(rows.map((line) => Number.parseInt(line, 10))).toEqual(plan.steps.map((_, i) => i));
    // Every column begins, or ends, where its title does.
    for (const line of rows) {
      expect(line.length).toBe(table[0]!.length);
      expect(line.indexOf('matmul')).toBe(table[0]!.indexOf('step'));
      expect(line.indexOf('block_')).toBe(table[0]!.indexOf('layer'));
      expect(line.length).toBeLessThan(160);
    }
    expect(table.slice(204).map((line) => Number.parseInt(line, 10))).toEqual([199, 197, 195, 193, 191]);
  });
});

describe('shortenLayers', () => {
  it('leaves out what all share and what a fused name repeats', () => {
    expect(shortenLayers(['m/a/conv+m/a/bn+m/a/relu', 'm/b/block_conv+m/b/block_relu', 'm/head'])).toEqual({
      folder: 'm/',
      names: ['a/conv+bn+relu', 'b/block_conv+relu', 'head'],
    });
    expect(shortenLayers(['dense_1+dense_2', 'x']).names).toEqual(['dense_1+dense_2', 'x']);
    expect(shortenLayers([])).toEqual({ folder: '', names: [] });
  });

  it('cuts what is longer than 48 characters in the middle', () => {
    const [name] = shortenLayers([`first${'x'.repeat(60)}last`, 'y']).names;
    expect(name).toMatch(/^firstx+…x+last$/);
    expect(name!.length).toBe(48);
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
