import type { LineProcess } from '../runner/line-process.ts';

/**
 * What the machine can do at most, measured by the native bench on the same core in the same run. GFLOP/s count a
 * fused multiply-add as two; GB/s are 10⁹ bytes read in a second.
 */
export interface Limits {
  /** Instruction set that the loops used. */
  isa: string;
  /** Fused multiply-adds on registers alone, GFLOP/s. */
  fma: number;
  /**
   * GFLOP/s of a tile's loop, all its loads from the L1 cache: `mr` floats of activations and `nr` broadcast weights. By `<mr>x<nr>`.
   * Of slices, by `slices <mr>x<outputs>`: `mr` floats for each weight, and a load for four weights.
   */
  load: Readonly<Record<string, number>>;
  /** GB/s read from each level. */
  read: { l1: number; l2: number; l3: number; memory: number };
  /** Bytes of each cache. */
  size: { l1: number; l2: number; l3: number };
}

/** @throws Error when the bench does not know the instruction set */
export async function measureLimits(native: LineProcess, isa: string): Promise<Limits> {
  const [, ...pairs] = await native.ask(['limits', isa]);
  const found = new Map(pairs.map((pair) => pair.split('=') as [string, string]));
  const number = (name: string) => Number(found.get(name));
  const load: Record<string, number> = {};
  for (const name of found.keys())
    if (name.startsWith('load_')) load[name.slice('load_'.length).replace('_', ' ')] = number(name);
  return {
    isa,
    fma: number('fma'),
    load,
    read: {
      l1: number('read_l1'),
      l2: number('read_l2'),
      l3: number('read_l3'),
      memory: number('read_memory'),
    },
    size: { l1: number('size_l1'), l2: number('size_l2'), l3: number('size_l3') },
  };
}

/** The work of one product, useful bytes and operations only: padding is none. */
export interface UsefulWork {
  n: number;
  k: number;
  m: number;
  nonZero: number;
  /** Of one weight, without its index. */
  storageBytes: number;
  dense: boolean;
  /** Of the kernel, as `Limits.load` names it; undefined for spmv. */
  tile?: string;
}

/** The least time that a limit allows, and its name. */
export interface Bound {
  limit: string;
  us: number;
}

/** The cache level that holds weights, inputs and outputs together. */
function levelOf(bytes: number, { l1, l2, l3 }: Limits['size']): keyof Limits['read'] {
  if (bytes <= l1) return 'l1';
  if (bytes <= l2) return 'l2';
  return bytes <= l3 ? 'l3' : 'memory';
}

/** The limit that binds: of those that apply, the one that takes longest. */
export function boundOf(work: UsefulWork, limits: Limits): Bound {
  const { n, k, m, nonZero, storageBytes, tile } = work;
  const bytes = nonZero * (storageBytes + (work.dense ? 0 : 1)) + 4 * m * (n + k);
  const level = levelOf(bytes, limits.size);
  const bounds: Bound[] = [{ limit: `read ${level}`, us: bytes / limits.read[level] / 1e3 }];
  if (tile !== undefined) {
    const us = (rate: number) => (2 * nonZero * m) / rate / 1e3;
    bounds.push({ limit: 'fma peak', us: us(limits.fma) });
    const load = limits.load[tile];
    if (load !== undefined) bounds.push({ limit: `load-bound peak ${tile}`, us: us(load) });
  }
  return bounds.reduce((a, b) => (b.us > a.us ? b : a));
}
