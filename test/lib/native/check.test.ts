import vm from 'node:vm';
import { describe, expect, it } from 'vitest';
import { checkArray, checkOptions, checkPath, newFloat32Array, overlaps } from '../../../lib/native/check.ts';
import { failure } from '../sparse/failure.ts';

describe('checkArray', () => {
  it('takes arrays of another realm, and parts of a buffer', () => {
    const foreign = vm.runInNewContext('new Float32Array(3)') as Float32Array;
    expect(foreign instanceof Float32Array).toBe(false);
    expect(checkArray('f', 'x', 'Float32Array', foreign, 3)).toBe(foreign);
    const part = new Float32Array(8).subarray(3, 5);
    expect(checkArray('f', 'x', 'Float32Array', part, 2)).toBe(part);
  });

  it('is not fooled by a constructor or a tag', () => {
    const fake = { constructor: Float32Array, length: 3, [Symbol.toStringTag]: 'Float32Array' };
    expect(failure(() => checkArray('f', 'x', 'Float32Array', fake)).code).toBe('ERR_SPARSE_ARGUMENT');
    const renamed = Object.defineProperty(new Float64Array(3), Symbol.toStringTag, { value: 'Float32Array' });
    expect(failure(() => checkArray('f', 'x', 'Float32Array', renamed)).code).toBe('ERR_SPARSE_DTYPE');
  });

  it('tells a detached array from an empty one', () => {
    const empty = new Float32Array(0);
    expect(checkArray('f', 'x', 'Float32Array', empty)).toBe(empty);
    structuredClone(empty.buffer, { transfer: [empty.buffer] });
    expect(failure(() => checkArray('f', 'x', 'Float32Array', empty)).code).toBe('ERR_SPARSE_BUFFER');
  });
});

describe('overlaps', () => {
  it('compares bytes of one buffer', () => {
    const memory = new Float32Array(8);
    expect(overlaps(memory.subarray(0, 4), memory.subarray(3, 5))).toBe(true);
    expect(overlaps(memory.subarray(0, 4), memory.subarray(4))).toBe(false);
    expect(overlaps(memory, new Float32Array(8))).toBe(false);
    expect(overlaps(memory.subarray(2, 2), memory)).toBe(false);
  });
});

describe('checkOptions', () => {
  it('gives the options back, none as an empty object', () => {
    const options = { a: 1 };
    expect(checkOptions('f', options, ['a', 'b'])).toBe(options);
    expect(checkOptions('f', undefined, ['a'])).toEqual({});
  });

  it('lists what it knows and guesses what was meant', () => {
    const error = failure(() => checkOptions('f', { treshold: 1 }, ['threshold', 'mode']));
    expect(error).toMatchObject({ code: 'ERR_SPARSE_OPTION', tensor: 'treshold', received: 'treshold' });
    expect(error.message).toBe(
      'f: unknown option "treshold", expected one of threshold, mode. Did you mean "threshold"?',
    );
  });
});

describe('newFloat32Array', () => {
  it('says when an array would be too long', () => {
    expect(newFloat32Array('f', 'y', 3)).toEqual(new Float32Array(3));
    const error = failure(() => newFloat32Array('f', 'y', 2 ** 31));
    expect(error).toMatchObject({
      code: 'ERR_SPARSE_SHAPE',
      tensor: 'y',
      expected: 2 ** 31 - 1,
      received: 2 ** 31,
    });
  });
});

describe('checkPath', () => {
  it('gives the path back', () => {
    expect(checkPath('save', 'a/b.safetensors')).toBe('a/b.safetensors');
    expect(failure(() => checkPath('save', '')).message).toBe(
      'save: file is "", expected the path of a file.',
    );
  });
});
