import { SparseError } from '../errors.ts';

/** Refuses a configuration that is no object or has a key nobody reads (a misspelt or foreign option). */
export function checkKeys(what: string, config: unknown, allowed: readonly string[]): void {
  if (typeof config !== 'object' || config === null) {
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${what}: expected an object of options, received ${String(config)}.`,
      {
        expected: allowed,
        received: config,
      },
    );
  }
  for (const key of Object.keys(config)) {
    if (allowed.includes(key)) continue;
    const camel = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const near = allowed.find((name) => name.toLowerCase() === camel.toLowerCase());
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: unknown option "${key}". ${near ? `Did you mean "${near}"?` : `Options: ${allowed.join(', ')}.`}`,
      { expected: allowed, received: key },
    );
  }
}

/** Refuses anything but a number in [0, 1] (or [0, 1) when `below1`). */
export function checkFraction(what: string, value: unknown, below1 = false): number {
  const range = below1 ? '[0, 1)' : '[0, 1]';
  if (typeof value !== 'number' || !(value >= 0 && (below1 ? value < 1 : value <= 1))) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: expected a number in ${range}, received ${String(value)}.`,
      {
        expected: range,
        received: value,
      },
    );
  }
  return value;
}

/** Refuses anything but an integer of at least `min`. */
export function checkInteger(what: string, value: unknown, min: number): number {
  if (!Number.isSafeInteger(value) || (value as number) < min) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: expected an integer of at least ${min}, received ${String(value)}.`,
      { expected: `integer >= ${min}`, received: value },
    );
  }
  return value as number;
}

/** Refuses anything but one of `allowed`. */
export function checkOneOf<T extends string>(what: string, value: unknown, allowed: readonly T[]): T {
  if (!allowed.includes(value as T)) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: expected one of ${allowed.join(', ')}; received ${String(value)}.`,
      { expected: allowed, received: value },
    );
  }
  return value as T;
}
