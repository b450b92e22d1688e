import { describe, expect, it } from 'vitest';
import { readOptions } from '../../bench/options.ts';

const known = ['kernels', 'models'];

describe('options of the bench', () => {
  it('run everything at the sizes of the design when nothing is said', () => {
    const options = readOptions([], known);
    expect(options.suites).toEqual(known);
    expect(options.m).toEqual([1, 16, 64, 256]);
    expect(options.shapes).toEqual([
      [1024, 1024],
      [4096, 4096],
    ]);
    expect(options.sparsity).toEqual([0.9]);
  });

  it('read shapes as outputs x inputs', () => {
    expect(readOptions(['kernels', '--shapes', '300x784,10x100'], known).shapes).toEqual([
      [300, 784],
      [10, 100],
    ]);
  });

  it.each([
    [['speed'], 'no bench "speed"'],
    [['--shapes', '300*784'], 'not outputs x inputs'],
    [['--shapes', '300x0'], 'not outputs x inputs'],
    [['--m', '1,x'], '--m 1,x: expected numbers'],
    [['--m', '1.5'], 'whole numbers'],
    [['--sparsity', '90'], '--sparsity 90: expected numbers from 0 to 1'],
    [['--jsno', 'f'], 'jsno'],
  ])('refuse %j, and say how to use the command', (args, message) => {
    expect(() => readOptions(args, known)).toThrow(message);
    expect(() => readOptions(args, known)).toThrow('--shapes 1024x1024,...');
  });
});
