import { describe, expect, it } from 'vitest';
import { estimateWays } from '../../../lib/sparse/kernel-choice.ts';
import { type Storage, storageBytes, storages } from '../../../lib/sparse/storage.ts';

/** Far larger than any cache, and smaller than the level 2 cache. */
const inMemory = { n: 20_000, k: 50_000 };
const inCache = { n: 400, k: 512 };

/** Microseconds of each way of multiplying a weight with a tenth of its entries. */
function estimates({ n, k }: { n: number; k: number }, storage: Storage, m: number): Map<string, number> {
  const nnz = (n * k) / 10;
  const stats = {
    nonZeros: nnz,
    entries2: nnz / 2,
    entries4: nnz / 4,
    entries8: nnz / 8,
    windowSlots: 1.5 * nnz,
    narrowSlots: 1.8 * nnz,
    nmKeep: 0,
    nmOf: 0,
    usedInputs: k,
    usedOutputs: n,
    balanced: false,
  };
  return new Map(
    estimateWays({ n, k, stats, storage }, 'avx2_fma', m, m > 1).map(({ name, us }) => [name, us]),
  );
}

describe('the cost model', () => {
  it('expects weights that come from memory to be faster with fewer bytes, by no more than the bytes saved', () => {
    for (const m of [1, 4]) {
      const ways = storages.map((storage) => [...estimates(inMemory, storage, m)]);
      for (const [i, storage] of storages.entries()) {
        if (i === 0) continue;
        const saved = (storageBytes[storage] + 0.75) / (storageBytes[storages[i - 1]!] + 0.75);
        const faster = m === 1 ? ways[i]! : ways[i]!.filter(([name]) => name === 'spmm nr 1');
        for (const [name, us] of faster) {
          const before = new Map(ways[i - 1]).get(name)!;
          expect(us / before, `${name}, ${storage}`).toBeLessThan(1);
          expect(us / before, `${name}, ${storage}`).toBeGreaterThan(name === 'dense' ? 0.5 : saved);
        }
      }
    }
  });

  it('expects weights that stay in a cache to be no faster with fewer bytes', () => {
    const float32 = estimates(inCache, 'float32', 64);
    for (const storage of storages)
      for (const [name, us] of estimates(inCache, storage, 64))
        expect(us, name).toBeGreaterThanOrEqual(float32.get(name)!);
  });

  it('expects a weight of the same density to take longer for each entry from memory, at every number of columns', () => {
    const perEntry = (size: typeof inMemory, m: number) =>
      [...estimates(size, 'float32', m)].map(([name, us]) => [name, us / (size.n * size.k)] as const);
    for (const m of [1, 2, 8, 64]) {
      const near = new Map(perEntry(inCache, m));
      for (const [name, us] of perEntry(inMemory, m))
        expect(us, `${name}, ${m}`).toBeGreaterThan(near.get(name)!);
    }
  });
});
