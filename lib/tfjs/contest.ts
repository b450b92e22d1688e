/** The two ways in which a call can be served. */
export type Path = 'native' | 'tfjs';

/** Timed calls of each way before a close race is decided; the first of each warms up and does not count. */
const samples = 6;
/** A lead as large as this decides at the first look. */
const clearLead = 2;
/** In a close race the native way must be at least this much faster: a tie goes to TF.js's own. */
const margin = 0.97;

/**
 * Finds out which way is faster by letting real calls take turns, so that nothing is ever computed twice. The least time
 * of each counts: other work on the machine only ever adds.
 */
export class Contest {
  readonly #us: Readonly<Record<Path, number[]>> = { native: [], tfjs: [] };
  #winner: Path | undefined;

  /** @param winner - given where the race need not be run */
  constructor(winner?: Path) {
    this.#winner = winner;
  }

  get decided(): boolean {
    return this.#winner !== undefined;
  }

  /** The way that the next call should take. */
  get turn(): Path {
    return this.#winner ?? (this.#us.native.length <= this.#us.tfjs.length ? 'native' : 'tfjs');
  }

  /** Microseconds that a call took. */
  record(path: Path, us: number): void {
    if (this.#winner !== undefined) return;
    this.#us[path].push(us);
    const { native, tfjs } = this.#us;
    if (Math.min(native.length, tfjs.length) < 2) return;
    const gain = this.least('tfjs')! / this.least('native')!;
    if (gain >= clearLead) this.#winner = 'native';
    else if (gain <= 1 / clearLead) this.#winner = 'tfjs';
    else if (Math.min(native.length, tfjs.length) >= samples)
      this.#winner = gain * margin >= 1 ? 'native' : 'tfjs';
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
