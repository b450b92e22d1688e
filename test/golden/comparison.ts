/** How far a number may be from the vector's: absolute, plus relative to the largest magnitude of the tensor. */
export interface Tolerance {
  absolute: number;
  relative: number;
}

export const exact: Tolerance = { absolute: 0, relative: 0 };

/** Compares received values with those of a vector, and counts. A difference throws at once and names the place. */
export class Comparison {
  /** Single values compared. */
  count = 0;
  tolerance: Tolerance = exact;

  /** Numbers are decimal float32: the vector's value and its float32 rounding are the same number. */
  number(where: string, expected: number, received: number, tolerance = this.tolerance): void {
    this.numbers(where, [expected], [received], tolerance);
  }

  numbers(
    where: string,
    expected: ArrayLike<number>,
    received: ArrayLike<number>,
    tolerance = this.tolerance,
  ): void {
    this.same(`${where}, length`, expected.length, received.length);
    let largest = 0;
    for (let i = 0; i < expected.length; i++) {
      if (Number.isFinite(expected[i]!)) largest = Math.max(largest, Math.abs(expected[i]!));
    }
    const allowed = tolerance.absolute + tolerance.relative * largest;
    for (let i = 0; i < expected.length; i++) {
      this.count++;
      const [want, got] = [expected[i]!, received[i]!];
      const equal = want === got || Math.fround(want) === got || (Number.isNaN(want) && Number.isNaN(got));
      if (equal || Math.abs(want - got) <= allowed) continue;
      throw new Error(`${where}[${i}]: expected ${want}, received ${got} (allowed difference ${allowed})`);
    }
  }

  /** Values that must be the same: strings, booleans, counts. */
  same(where: string, expected: unknown, received: unknown): void {
    this.count++;
    if (Object.is(expected, received)) return;
    throw new Error(`${where}: expected ${JSON.stringify(expected)}, received ${JSON.stringify(received)}`);
  }

  /** Masks, exactly; with `tied` only how many they keep. */
  mask(where: string, expected: ArrayLike<number>, received: ArrayLike<number>, tied = false): void {
    if (!tied) {
      this.numbers(where, expected, received, exact);
      return;
    }
    const ones = (mask: ArrayLike<number>) => Array.from(mask).filter((bit) => bit === 1).length;
    this.same(`${where}, length`, expected.length, received.length);
    this.same(`${where}, ones`, ones(expected), ones(received));
  }

  shape(where: string, expected: readonly number[], received: readonly (number | null)[]): void {
    this.same(`${where}, shape`, expected.join(', '), received.join(', '));
  }

  /** The call must throw an error of this package with one of these codes. */
  throws(where: string, codes: readonly string[], call: () => unknown): void {
    this.count++;
    try {
      call();
    } catch (error) {
      const { code } = error as { code?: string };
      if (code !== undefined && codes.includes(code)) return;
      throw new Error(`${where}: expected ${codes.join(' or ')}, received ${String(error)}`);
    }
    throw new Error(`${where}: expected ${codes.join(' or ')}, nothing was thrown`);
  }
}
