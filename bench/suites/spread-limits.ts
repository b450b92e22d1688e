import type { KernelRow } from './kernel-rows.ts';
import type { Limits } from './limits.ts';

/** What clocks and samples may add to a share of 1. */
const mostShare = 1.02;

/** Measurements after a row that is above its limit. */
const mostTries = 4;

/** The higher rate of each: other work on the machine can only lower one. */
function higher(a: Limits, b: Limits): Limits {
  const rates = <T extends Readonly<Record<string, number>>>(x: T, y: T) =>
    Object.fromEntries(Object.entries(y).map(([name, rate]) => [name, Math.max(rate, x[name] ?? 0)])) as T;
  return { ...b, fma: Math.max(a.fma, b.fma), load: rates(a.load, b.load), read: rates(a.read, b.read) };
}

/**
 * Limits measured several times, spread over a run: each is the best of all so far. A disturbance that lasts as long as
 * one measurement would otherwise make every share of the run too high.
 */
export class SpreadLimits {
  readonly #measure: () => Promise<Limits>;
  #best: Limits | undefined;

  constructor(measure: () => Promise<Limits>) {
    this.#measure = measure;
  }

  /** Undefined before the first measurement. */
  get best(): Limits | undefined {
    return this.#best;
  }

  async again(): Promise<Limits> {
    const found = await this.#measure();
    this.#best = this.#best === undefined ? found : higher(this.#best, found);
    return this.#best;
  }

  /**
   * Rows with their shares of the limits. Nothing is faster than a limit: as long as a row is, the limits are measured again.
   * A row that stays above says so in its note.
   */
  async rows(rowsOf: (limits: Limits) => KernelRow[]): Promise<KernelRow[]> {
    let rows = rowsOf(this.#best ?? (await this.again()));
    const above = (row: KernelRow) => (row.shareOfLimit ?? 0) > mostShare;
    for (let tries = 0; tries < mostTries && rows.some(above); tries++) rows = rowsOf(await this.again());
    return rows.map((row) =>
      above(row)
        ? { ...row, note: [row.note, 'above the limit as it was measured'].filter(Boolean).join('; ') }
        : row,
    );
  }
}
