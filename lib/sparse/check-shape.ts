import { SparseError } from '../errors.ts';
import { checkInteger, describeType, maxLength } from '../native/check.ts';

/**
 * Elements of a tensor of this shape; [] is a scalar.
 *
 * @throws {@link SparseError} `ERR_SPARSE_SHAPE` when it is no list of whole numbers or more than 2³¹ − 1 elements
 */
export function checkShape(what: string, shape: unknown): number {
  if (!Array.isArray(shape)) {
    const received = describeType(shape);
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `${what}: shape is ${received}, expected an array of numbers.`,
      {
        expected: 'number[]',
        received,
      },
    );
  }
  const size = shape.reduce(
    (product: number, axis, i) => product * checkInteger(what, `shape[${i}]`, axis, 0),
    1,
  );
  if (size <= maxLength) return size;
  throw new SparseError(
    'ERR_SPARSE_SHAPE',
    `${what}: shape [${shape}] has ${size} elements, expected at most ${maxLength}.`,
    { expected: maxLength, received: size },
  );
}

/**
 * The matrix that a weight is: [product of all axes but the last, last axis].
 *
 * @throws {@link SparseError} `ERR_SPARSE_SHAPE` for a weight of rank 0 or 1
 */
export function matrixOf(
  what: string,
  structure: string,
  shape: readonly number[],
): { inputs: number; outputs: number } {
  if (shape.length >= 2) {
    const inputs = shape.slice(0, -1).reduce((product, axis) => product * axis, 1);
    return { inputs, outputs: shape.at(-1)! };
  }
  throw new SparseError(
    'ERR_SPARSE_SHAPE',
    `${what}: shape [${shape}] is of rank ${shape.length}, expected at least [inputs, outputs] for the structure ` +
      `"${structure}". Take { type: 'unstructured' } for it.`,
    { expected: 'rank 2 or more', received: shape },
  );
}
