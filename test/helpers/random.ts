/**
 * Random numbers from a seed (mulberry32). Tests take the seed from the environment variable SEED, else from the clock,
 * and name it when they fail.
 */
export class Random {
  readonly seed: number;
  private state: number;

  constructor(seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)) {
    this.seed = seed;
    this.state = seed >>> 0;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Integer from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[this.integer(0, list.length - 1)]!;
  }

  /** Normal with mean 0 and deviation 1 (Box-Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** Normal values as float32. */
  floats(length: number, deviation = 1): Float32Array {
    return Float32Array.from({ length }, () => deviation * this.normal());
  }
}
