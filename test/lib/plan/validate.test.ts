import { describe, expect, it } from 'vitest';
import { emitActivation } from '../../../lib/plan/emit/activation.ts';
import { emitAffine } from '../../../lib/plan/emit/affine.ts';
import { emitConv2d } from '../../../lib/plan/emit/conv2d.ts';
import { emitDense } from '../../../lib/plan/emit/dense.ts';
import { emitDepthwise } from '../../../lib/plan/emit/depthwise.ts';
import { emitPool } from '../../../lib/plan/emit/pool.ts';
import { emitReshape } from '../../../lib/plan/emit/reshape.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { validatePlan } from '../../../lib/plan/validate.ts';
import { plainWindow, planOf } from '../../helpers/small-plans.ts';

/** A valid plan with every kind of step, in this order. */
function everyStep(): Plan {
  return planOf([6, 6, 2], (plan, x, random) => {
    const window = { kernel: [3, 3], strides: [1, 1], dilations: [1, 1], padding: [1, 1, 1, 1] } as const;
    const conv = emitConv2d(plan, 'conv', x, {
      kernel: random.floats(54),
      outputs: 3,
      bias: random.floats(3),
      window: structuredClone(window) as never,
    });
    const dw = emitDepthwise(plan, 'dw', conv, {
      kernel: random.floats(12),
      multiplier: 1,
      window: plainWindow([2, 2]),
    });
    const pool = emitPool(plan, 'pool', dw, 'max', plainWindow([2, 2], [2, 2]));
    const bn = emitAffine(plan, 'bn', pool, { scale: random.floats(3), shift: random.floats(3) });
    const act = emitActivation(plan, 'act', bn, { type: 'clamp', min: 0, max: 4 });
    const flat = emitReshape(plan, 'flat', act, [12])!;
    const fc = emitDense(plan, 'fc', flat, { kernel: random.floats(60), outputs: 5 });
    return emitActivation(plan, 'probabilities', fc, { type: 'softmax' });
  });
}

type Edit = (plan: {
  [key: string]: unknown;
  values: Record<string, unknown>[];
  steps: { [key: string]: unknown; window: Record<string, unknown> }[];
  inputs: Record<string, unknown>[];
  outputs: Record<string, unknown>[];
  tensors: Record<string, { shape: unknown; data: unknown }>;
}) => void;
const [conv, dw, pool, bn, act, flat, fc, softmax] = [0, 1, 2, 3, 4, 5, 6, 7] as const;

const faults: [string, Edit, RegExp][] = [
  ['another version', (p) => (p.version = 2), /version 1/],
  ['no steps', (p) => delete (p as { steps?: unknown }).steps, /steps: expected a list/],
  ['no inputs', (p) => (p.inputs = []), /read one value that was made before|at least one/],
  ['no outputs', (p) => (p.outputs = []), /outputs: expected at least one/],
  ['outputs of one name', (p) => p.outputs.push({ ...p.outputs[0] }), /names that differ/],
  ['an output that is no value', (p) => (p.outputs[0]!.value = 99), /a value below 9/],
  ['an input given twice', (p) => p.inputs.push({ name: 'z', value: 0 }), /a value of its own/],
  [
    'an id that is a fraction',
    (p) => (p.steps[fc]!.output = 7.5),
    /to make a value that nothing made before/,
  ],
  [
    'an id below zero',
    (p) => (p.steps[fc]!.inputs = [-1]),
    /to read (one value|values) that (was|were) made before/,
  ],
  ['two inputs of a step', (p) => (p.steps[act]!.inputs = [0, 1]), /to read one value/],
  [
    'a value read before it is made',
    (p) => (p.steps[conv]!.inputs = [5]),
    /to read (one value|values) that (was|were) made before/,
  ],
  ['a value made twice', (p) => (p.steps[dw]!.output = 1), /that nothing made before/],
  [
    'a value that nothing makes',
    (p) => p.values.push({ ...p.values[0] }),
    /an input or a step that makes it/,
  ],
  ['a size of zero', (p) => (p.values[0]!.height = 0), /channels, height and width from 1/],
  ['a size that is a fraction', (p) => (p.values[0]!.width = 6.5), /channels, height and width from 1/],
  ['sizes that do not fit the shape', (p) => (p.values[0]!.channels = 3), /\[\.\.\., 3\] of 108 elements/],
  [
    'a shape that does not end in the channels',
    (p) => (p.values[0]!.shape = [6, 2, 6]),
    /\[\.\.\., 2\] of 72/,
  ],
  ['a shape beyond all memory', (p) => (p.values[0]!.shape = [65536, 65536]), /at most 2147483647/],
  ['another dtype', (p) => (p.values[0]!.dtype = 'int32'), /dtype float32/],
  ['an unknown step', (p) => (p.steps[act]!.op = 'explode'), /a step that this version knows/],
  ['a step without a layer', (p) => delete p.steps[act]!.layer, /the name of a layer/],
  ['an unknown activation', (p) => (p.steps[act]!.activation = { type: 'magic' }), /a known activation/],
  [
    'an activation without its scalar',
    (p) => (p.steps[act]!.activation = { type: 'leakyRelu' }),
    /a known activation/,
  ],
  [
    'a clamp that is upside down',
    (p) => (p.steps[act]!.activation = { type: 'clamp', min: 1, max: 0 }),
    /activation/,
  ],
  [
    'a clamp to NaN',
    (p) => (p.steps[act]!.activation = { type: 'clamp', min: 0, max: Number.NaN }),
    /activation/,
  ],
  ['no activation', (p) => delete p.steps[conv]!.activation, /a known activation/],
  ['a missing tensor', (p) => (p.steps[fc]!.weight = 'gone'), /weight of step 6.*the name of a tensor/],
  ['a tensor from the prototype', (p) => (p.steps[fc]!.weight = 'toString'), /the name of a tensor/],
  ['a weight of another shape', (p) => (p.tensors['fc/kernel']!.shape = [12, 5]), /expected shape \[5,12\]/],
  ['a weight with too few values', (p) => (p.tensors['fc/kernel']!.data = new Float32Array(59)), /60 values/],
  ['a weight in float64', (p) => (p.tensors['fc/kernel']!.data = new Float64Array(60)), /a Float32Array/],
  ['a bias of another length', (p) => (p.steps[conv]!.bias = 'fc/kernel'), /bias of step 0/],
  ['a k that does not fit', (p) => (p.steps[fc]!.k = 11), /k = 3 at every position or 12 at once/],
  ['an n that does not fit', (p) => (p.steps[fc]!.n = 4), /an output of 4 channels/],
  ['a k of a convolution that does not fit', (p) => (p.steps[conv]!.k = 17), /k = 18/],
  ['a multiplier of zero', (p) => (p.steps[dw]!.multiplier = 0), /a multiplier from 1/],
  ['no window', (p) => delete (p.steps[pool] as { window?: unknown }).window, /kernel of two integers/],
  ['a stride of zero', (p) => (p.steps[pool]!.window.strides = [0, 1]), /strides of two integers from 1/],
  [
    'negative padding',
    (p) => (p.steps[conv]!.window.padding = [-1, 1, 1, 1]),
    /padding of four integers from 0/,
  ],
  [
    'padding as wide as the window',
    (p) => (p.steps[conv]!.window.padding = [3, 1, 1, 1]),
    /padding below the window/,
  ],
  [
    'a window that gives another size',
    (p) => (p.steps[conv]!.window.kernel = [2, 3]),
    /an output of 7 x 6|k = 12/,
  ],
  ['a dilated pool', (p) => (p.steps[pool]!.window.dilations = [2, 2]), /no dilation|an output of/],
  ['an unknown pool', (p) => (p.steps[pool]!.mode = 'median'), /mode max or avg/],
  ['a scale of another length', (p) => (p.steps[bn]!.scale = 'fc/kernel'), /3 or 12 values/],
  ['a shift of another length', (p) => (p.steps[bn]!.shift = 'fc/kernel'), /shift of step 3/],
  [
    'an activation that changes the shape',
    (p) => Object.assign(p.values[5]!, { shape: [4, 3], height: 1, width: 4 }),
    /an output like its input/,
  ],
  [
    'an alias to other channels',
    (p) => Object.assign(p.values[6]!, { channels: 6, height: 1, width: 2 }),
    /an output of 3 channels/,
  ],
  [
    'a softmax that changes the shape',
    (p) => Object.assign(p.values[8]!, { shape: [1, 5] }),
    /an output of shape \[5\]/,
  ],
];

describe('validatePlan', () => {
  it('passes a plan with every kind of step', () => {
    const plan = everyStep();
    expect(plan.steps.map((step) => step.op)).toEqual([
      'conv2d',
      'depthwise',
      'pool',
      'affine',
      'activation',
      'alias',
      'matmul',
      'softmax',
    ]);
    expect(plan.steps[softmax]!.op).toBe('softmax');
    expect(plan.steps[flat]!.op).toBe('alias');
  });

  it.each(faults)('refuses %s', (_, edit, message) => {
    const plan = structuredClone(everyStep());
    edit(plan as never);
    const check = () => validatePlan(plan);
    expect(check).toThrow(expect.objectContaining({ code: 'ERR_SPARSE_PLAN' }));
    expect(check).toThrow(message);
  });

  it.each([[undefined], [null], ['plan'], [[]], [{}]])('refuses %o as a plan', (plan) => {
    expect(() => validatePlan(plan)).toThrow(expect.objectContaining({ code: 'ERR_SPARSE_PLAN' }));
  });
});
