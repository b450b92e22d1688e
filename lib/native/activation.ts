import { SparseError } from '../errors.ts';
import type { NativeActivation } from './bindings.ts';
import { native } from './load.ts';
import { didYouMean } from './near-miss.ts';

let numbers: Map<string, number> | undefined;

/**
 * An activation with the number that C++ gives it.
 *
 * @param what - function that was called, for the message
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` for a name that C++ does not know
 */
export function nativeActivation(
  what: string,
  activation: { type: string; alpha?: number; min?: number; max?: number },
): NativeActivation {
  numbers ??= new Map(
    native()
      .tables()
      .activations.map((name, index) => [name, index]),
  );
  const type = numbers.get(activation.type);
  if (type === undefined) {
    const names = [...numbers.keys()];
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: activation "${activation.type}" is unknown, expected one of ${names.join(', ')}.${didYouMean(activation.type, names)}`,
      { tensor: 'activation', expected: names, received: activation.type },
    );
  }
  const { alpha = 0, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = activation;
  return { type, alpha, min, max };
}
