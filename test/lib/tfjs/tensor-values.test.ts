import { describe, expect, it } from 'vitest';
import { allFinite, tensorOf, valuesOf } from '../../../lib/tfjs/tensor-values.ts';
import { onEveryBackend, tf } from '../pruning/backends.ts';
import { random } from './models.ts';

describe('allFinite', () => {
  it.each([1, 5, 1023, 1024, 1025, 70_000])('finds a NaN or an infinity anywhere in %d values', (length) => {
    const values = random.floats(length);
    expect(allFinite(values)).toBe(true);
    for (const bad of [Number.NaN, Infinity, -Infinity]) {
      for (const place of [0, length - 1, random.integer(0, length - 1)]) {
        const changed = values.slice();
        changed[place] = bad;
        expect(allFinite(changed), `${bad} at ${place} of ${length}`).toBe(false);
      }
    }
  });

  it('takes the largest numbers for finite', () => {
    expect(allFinite(new Float32Array([3.4e38, -3.4e38, 1e-45, 0, -0]))).toBe(true);
  });

  it('finds an infinity that another would take away', () => {
    const values = new Float32Array(2048);
    values.set([Infinity, -Infinity], 7);
    expect(allFinite(values)).toBe(false);
  });
});

onEveryBackend(() => {
  it('reads what was written', () => {
    const values = random.floats(12);
    const tensor = tensorOf(values.slice(), [3, 4]);
    expect(valuesOf(tensor)).toEqual(values);
    const sum = tensor.add(1);
    expect(valuesOf(sum)).toEqual(values.map((value) => value + 1));
    tf.dispose([tensor, sum]);
  });

  it('copies values that another thread or a resize could take away', () => {
    const shared = new Float32Array(new SharedArrayBuffer(16)).fill(2);
    const tensor = tf.tensor1d(shared);
    const values = valuesOf(tensor);
    expect(values).toEqual(new Float32Array(4).fill(2));
    expect(values.buffer).toBeInstanceOf(ArrayBuffer);
    tensor.dispose();
  });
});
