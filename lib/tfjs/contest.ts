/** The two ways in which a call can be served. */
export type Path = 'native' | 'tfjs';

/** Timed calls of each way before a close race is decided; the first of each warms up and does not count. */
const samples = 7;
/** Timed calls of each way before a clear lead decides: one may have been interrupted. */
const leastSamples = 4;
const clearLead = 2;
/** In a close race the native way must be at least this much faster: a tie goes to TF.js's own. */
const margin = 0.97;
/** How often a call tries the native way again where TF.js won. */
const retryEvery = 256;

/**
 * Finds out which way is faster by letting real calls take turns, so that nothing is ever computed twice. The least time
 * of each counts: other work on the machine only ever adds. A verdict for TF.js is put to the test now and then.
 */
export class Contest {
  readonly #us: Readonly<Record<Path, number[]>> = { native: [], tfjs: [] };
  #winner: Path | undefined;
  #calls = 0;

  /** @param winner - given where the race need not be run */
  constructor(winner?: Path) {
    this.#winner = winner;
  }

  /** The way that won; undefined while the race is on. */
  get winner(): Path | undefined {
    return this.#winner;
  }

  /** The way that the next call takes. */
  nextTurn(): Path {
    const { native, tfjs } = this.#us;
    if (this.#winner === undefined) return native.length <= tfjs.length ? 'native' : 'tfjs';
    return this.#winner === 'tfjs' && ++this.#calls % retryEvery === 0 ? 'native' : this.#winner;
  }

  /** Whether the time of a call on this way is of interest. */
  isTimed(path: Path): boolean {
    return this.#winner === undefined || (this.#winner === 'tfjs' && path === 'native');
  }

  /** Microseconds that a call took. */
  record(path: Path, us: number): void {
    const { native, tfjs } = this.#us;
    this.#us[path].push(us);
    const fewest = Math.min(native.length, tfjs.length);
    if (fewest < leastSamples) return;
    const gain = this.least('tfjs')! / this.least('native')!;
    if (fewest >= samples) this.#winner = gain * margin >= 1 ? 'native' : 'tfjs';
    else if (gain >= clearLead) this.#winner = 'native';
    else if (gain <= 1 / clearLead) this.#winner = 'tfjs';
  }

  /** Least microseconds of a way; undefined before its second call. */
  least(path: Path): number | undefined {
    const counted = this.#us[path].slice(1);
    return counted.length === 0 ? undefined : Math.min(...counted);
  }
}

/** Batches of about one size share a contest: 1, 2 to 3, 4 to 7, … */
export function contestKey(rows: number): number {
  return 31 - Math.clz32(rows);
}

/** The batches of a key, for people. */
export function contestRange(key: number): string {
  const low = 2 ** key;
  return low === 1 ? '1' : `${low} to ${2 * low - 1}`;
}
