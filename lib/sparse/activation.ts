import { SparseError } from '../errors.ts';
import { nativeActivation } from '../native/activation.ts';
import type { NativeActivation } from '../native/bindings.ts';
import { describeType } from '../native/check.ts';

/**
 * A function that follows a sum. `geluTanh` is gelu by its tanh approximation, `hardSigmoid6` is relu6(x + 3) / 6; leakyRelu:
 * x < 0 ? alpha·x : x; thresholdedRelu: x > alpha ? x : 0; hardSwish: alpha·x·relu6(x + 3); clamp: between min and max.
 */
export type Activation =
  | 'linear'
  | 'relu'
  | 'relu6'
  | 'sigmoid'
  | 'tanh'
  | 'elu'
  | 'selu'
  | 'gelu'
  | 'swish'
  | 'softplus'
  | 'hardSigmoid'
  | 'softsign'
  | 'mish'
  | 'geluTanh'
  | 'hardSigmoid6'
  | {
      /** x < 0 ? alpha · x : x. */
      type: 'leakyRelu';
      /** Slope of the negative side. */
      alpha: number;
    }
  | {
      /** x > alpha ? x : 0. */
      type: 'thresholdedRelu';
      /** The threshold. */
      alpha: number;
    }
  | {
      /** alpha · x · relu6(x + 3). */
      type: 'hardSwish';
      /** The factor, as a rule 1/6. */
      alpha: number;
    }
  | {
      /** Between min and max. */
      type: 'clamp';
      /** Lower bound; -Infinity for none. */
      min: number;
      /** Upper bound, at least `min`; Infinity for none. */
      max: number;
    };

/**
 * An activation as the addon takes it.
 *
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` when its name is unknown or a number is missing
 */
export function readActivation(what: string, activation: unknown): NativeActivation {
  const isObject = typeof activation === 'object' && activation !== null;
  const { type, alpha, min, max } = (isObject ? activation : { type: activation }) as Record<string, unknown>;
  const takesAlpha = type === 'leakyRelu' || type === 'thresholdedRelu' || type === 'hardSwish';
  const numbers = takesAlpha ? { alpha } : type === 'clamp' ? { min, max } : {};
  for (const [name, value] of Object.entries(numbers)) {
    if (typeof value === 'number' && !Number.isNaN(value)) continue;
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: ${name} of activation ${type} is ${value}, expected a number.`,
      { tensor: 'activation', expected: 'a number', received: value },
    );
  }
  if (typeof type !== 'string') {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: activation is ${describeType(activation)}, expected a name or { type, … }.`,
      { tensor: 'activation', expected: 'a name or an object', received: describeType(activation) },
    );
  }
  if ((min as number) > (max as number)) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: activation clamp has min ${min} and max ${max}, expected min <= max.`,
      { tensor: 'activation', expected: 'min <= max', received: activation },
    );
  }
  return nativeActivation(what, { type, ...(numbers as { alpha?: number; min?: number; max?: number }) });
}
