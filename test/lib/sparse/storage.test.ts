import { describe, expect, it } from 'vitest';
import { estimateWays } from '../../../lib/sparse/kernel-choice.ts';
import { type Storage, storageBytes, storages } from '../../../lib/sparse/storage.ts';

/** Microseconds of each way of multiplying a weight of 100 M entries in 1000 M, far larger than any cache. */
function estimates(storage: Storage, m: number): Map<string, number> {
  const [n, k, nnz] = [20_000, 50_000, 1e8];
  const stats = {
    nonZeros: nnz,
    entries2: nnz / 2,
    entries4: nnz / 4,
    entries8: nnz / 8,
    windowSlots: 1.5 * nnz,
    balanced: false,
  };
  return new Map(
    estimateWays({ n, k, stats, storage }, 'avx2_fma', m, m > 1).map(({ name, us }) => [name, us]),
  );
}

describe('the cost model', () => {
  it('expects weights that come from memory to take the time of their bytes, or of their sums where that is longer', () => {
    const float32 = estimates('float32', 1);
    // int8's windows have so few bytes that they only compute, which takes as long with every storage.
    const computing = estimates('int8', 1).get('window')!;
    expect(computing).toBeGreaterThan((float32.get('window')! * 1.75) / 4.75);
    for (const storage of storages) {
      const bytes = storageBytes[storage];
      const narrow = estimates(storage, 1);
      if (storage !== 'int8') expect(narrow.get('dense')! / float32.get('dense')!).toBeCloseTo(bytes / 4, 5);
      const reading = (float32.get('window')! * (bytes + 0.75)) / 4.75;
      expect(narrow.get('window')! / Math.max(reading, computing)).toBeCloseTo(1, 5);
      expect(narrow.get('window')!).toBeLessThanOrEqual(float32.get('window')!);
    }
  });

  it('expects products that compute all the time to be no faster', () => {
    const float32 = estimates('float32', 64);
    for (const storage of storages)
      for (const [name, us] of estimates(storage, 64))
        expect(us, name).toBeGreaterThanOrEqual(float32.get(name)!);
  });
});
