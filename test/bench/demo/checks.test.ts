import { describe, expect, it } from 'vitest';
import { checkAll } from '../../../bench/demo/checks.ts';
import type { DemoModel } from '../../../bench/demo/result.ts';

const summary = [
  'prune_low_magnitude_conv2d (PruneLowMagnitude)         [[null,28,28,1]]   [null,26,26,12]       230',
  'prune_low_magnitude_max_pooling2d (PruneLowMagnitude)  [[null,26,26,12]]  [null,13,13,12]       1',
  'prune_low_magnitude_flatten (PruneLowMagnitude)        [[null,13,13,12]]  [null,2028]           1',
  'prune_low_magnitude_dense (PruneLowMagnitude)          [[null,2028]]      [null,10]             40572',
  'Total params: 40804',
  'Trainable params: 20410',
  'Non-trainable params: 20394',
];

function model(id: string, change: Partial<DemoModel> = {}): DemoModel {
  const agreement = { maxDifference: 1e-6, accuracy: 0.98, otherClass: 0, otherClassUnexplained: 0 };
  const kernel = {
    name: 'dense/kernel',
    shape: [10, 10],
    size: 100,
    zeros: 80,
    sparsity: 0.8,
    expectedZeros: 80,
  };
  return {
    id,
    target: id === 'cnn' ? 0 : 0.8,
    accuracy: 0.98,
    kernels: [kernel],
    agreement: { dense: agreement, sparse: agreement },
    ...change,
  } as DemoModel;
}

function failures(models: DemoModel[], lines = summary, quick = false): string[] {
  return checkAll(models, lines, quick)
    .filter((check) => !check.passed)
    .map((check) => check.name);
}

describe("the demo's checks", () => {
  it('pass when everything is as it should be', () => {
    expect(failures([model('cnn'), model('cnn-80')])).toEqual([]);
  });

  it('fail for another count in the summary', () => {
    const changed = summary.map((line) => line.replace('20394', '20393'));
    expect(failures([model('cnn')], changed)).toEqual(['parameters of the wrapped model']);
    expect(failures([model('cnn')], summary.slice(1))).toEqual(['parameters of the wrapped model']);
  });

  it('fail for one zero too few', () => {
    const kernel = { ...model('x').kernels[0]!, zeros: 79 };
    expect(failures([model('cnn'), model('cnn-80', { kernels: [kernel] })])).toEqual([
      'cnn-80: zeros of every kernel',
    ]);
  });

  it('fail for outputs that differ, and for another class without a tie', () => {
    const far = { maxDifference: 1.1e-5, accuracy: 1, otherClass: 0, otherClassUnexplained: 0 };
    const other = { maxDifference: 0, accuracy: 1, otherClass: 2, otherClassUnexplained: 1 };
    expect(failures([model('cnn', { agreement: { dense: far, sparse: other } })])).toEqual([
      'cnn: session dense gives what tfjs-node gives',
      'cnn: session sparse gives what tfjs-node gives',
    ]);
  });

  it('fail when recipe 1 at 80 % loses more than a point, except in a quick run', () => {
    const models = [model('cnn'), model('cnn-80', { accuracy: 0.9699 })];
    expect(failures(models)).toEqual(['recipe 1 at 80 %: accuracy within one point of the baseline']);
    expect(failures(models, summary, true)).toEqual([]);
    expect(failures([model('cnn'), model('cnn-80', { accuracy: 0.9701 })])).toEqual([]);
  });
});
