import { expect, it } from 'vitest';
import { countParameters, pruneArtifacts, prunedNames } from '../../../bench/conformance/prune-model.ts';
import type { Artifacts, Weight } from '../../../lib/io/artifacts.ts';

const weight = (name: string, shape: number[]): [string, Weight] => {
  const data = Float32Array.from(
    { length: shape.reduce((a, b) => a * b, 1) },
    (_, i) => (i % 2 ? -1 : 1) * (i + 1),
  );
  return [name, { name, shape, dtype: 'float32', data }];
};

const graph: Artifacts = {
  origin: 'a test',
  format: 'graph',
  topology: {
    node: [
      { name: 'w', op: 'Const' },
      { name: 'w/read', op: 'Identity', input: ['w'] },
      { name: 'depthwise', op: 'Const' },
      { name: 'table', op: 'Const' },
      { name: 'x', op: 'Placeholder' },
      { name: 'y', op: '_FusedMatMul', input: ['x', 'w/read', 'b'] },
      { name: 'z', op: 'DepthwiseConv2dNative', input: ['y', 'depthwise'] },
    ],
  },
  weights: new Map([weight('w', [2, 5]), weight('depthwise', [1, 1, 5, 1]), weight('table', [3, 3])]),
};

it('prunes what products of a graph read, through Identity, and nothing else', () => {
  expect(prunedNames(graph)).toEqual(['w']);
  const pruned = pruneArtifacts(graph, 0.8);
  expect([...(pruned.weights.get('w')!.data as Float32Array)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 9, -10]);
  expect(pruned.weights.get('table')).toBe(graph.weights.get('table'));
  expect((graph.weights.get('w')!.data as Float32Array)[0]).toBe(1);
});

it('prunes the kernels of layers, not those of depthwise ones', () => {
  const weights = new Map([
    weight('a/kernel', [2, 2]),
    weight('a/bias', [2]),
    weight('b/recurrent_kernel', [2, 2]),
    weight('c/depthwise_kernel', [1, 1, 2, 1]),
  ]);
  expect(prunedNames({ ...graph, format: 'layers', weights })).toEqual(['a/kernel', 'b/recurrent_kernel']);
});

it('counts every number, and zeros in weights of two and more axes', () => {
  expect(countParameters(graph)).toEqual({ parameters: 24, zeros: 0 });
  expect(countParameters(pruneArtifacts(graph, 0.8)).zeros).toBeCloseTo(8 / 24);
});
