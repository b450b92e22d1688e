import { SparseError, shown } from '../errors.ts';
import { isRecord } from './is-record.ts';

const quantizedDtypes = ['uint8', 'uint16', 'float16'] as const;
const weightDtypes = ['float32', 'int32', 'bool', 'string', 'complex64'] as const;

/** How stored integers become numbers again: value = stored · scale + min; float16 has neither. */
export interface Quantization {
  dtype: (typeof quantizedDtypes)[number];
  scale: number;
  min: number;
}

/** A checked entry of a weights manifest. */
export interface CheckedSpec {
  name: string;
  shape: number[];
  dtype: (typeof weightDtypes)[number];
  /** Elements: the product of the shape. */
  size: number;
  quantization?: Quantization;
  /** Optimizer state is stored beside the weights and is no part of the model. */
  isOptimizer: boolean;
}

/**
 * Checks the description of one weight.
 *
 * @throws SparseError `ERR_SPARSE_MODEL` naming the weight and the field
 */
export function checkSpec(spec: unknown, origin: string): CheckedSpec {
  if (!isRecord(spec) || typeof spec.name !== 'string') {
    throw wrong(origin, 'an entry', 'name', 'a string', isRecord(spec) ? spec.name : spec);
  }
  const { name, shape, dtype } = spec;
  if (!Array.isArray(shape) || !shape.every(isSize)) {
    throw wrong(origin, name, 'shape', 'a list of sizes from 0', shape);
  }
  const size = shape.reduce<number>((product, axis) => product * axis, 1);
  if (size > 0x7fffffff) throw wrong(origin, name, 'shape', 'at most 2147483647 elements', shape);
  if (!isOneOf(dtype, weightDtypes)) throw wrong(origin, name, 'dtype', weightDtypes.join(', '), dtype);
  return {
    name,
    shape: [...shape],
    dtype,
    size,
    ...(spec.quantization !== undefined && {
      quantization: checkQuantization(spec.quantization, dtype, name, origin),
    }),
    isOptimizer: spec.group === 'optimizer',
  };
}

function checkQuantization(value: unknown, dtype: string, name: string, origin: string): Quantization {
  const quantized = isRecord(value) ? value.dtype : undefined;
  if (!isRecord(value) || !isOneOf(quantized, quantizedDtypes)) {
    throw wrong(origin, name, 'quantization.dtype', quantizedDtypes.join(', '), quantized);
  }
  const isFloat16 = quantized === 'float16';
  if (dtype !== 'float32' && (isFloat16 || dtype !== 'int32')) {
    throw wrong(
      origin,
      name,
      `dtype under ${quantized} quantization`,
      'float32 (or int32 for integers)',
      dtype,
    );
  }
  if (isFloat16) return { dtype: quantized, scale: 1, min: 0 };
  const { scale, min } = value;
  if (!isFiniteNumber(scale)) throw wrong(origin, name, 'quantization.scale', 'a finite number', scale);
  if (!isFiniteNumber(min)) throw wrong(origin, name, 'quantization.min', 'a finite number', min);
  return { dtype: quantized, scale, min };
}

function wrong(
  origin: string,
  name: string,
  field: string,
  expected: string,
  received: unknown,
): SparseError {
  return new SparseError(
    'ERR_SPARSE_MODEL',
    `${origin}: ${field} of weight "${name}": expected ${expected}, received ${shown(received)}. Was the manifest edited by hand?`,
    { tensor: name, expected, received },
  );
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isOneOf<T extends string>(value: unknown, list: readonly T[]): value is T {
  return (list as readonly unknown[]).includes(value);
}
