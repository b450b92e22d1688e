import { SparseError, shown } from '../errors.ts';
import { describeType } from '../native/check.ts';
import type { TensorInfo } from '../session/ports.ts';

const largestFloat32 = 3.4028234663852886e38;

/**
 * The values of one tensor as JSON has them: one flat list, row-major, or lists in lists as the shape says.
 *
 * @param shape - checked before: whole numbers, as many as the model's input has
 * @throws {@link SparseError} `ERR_SPARSE_ARGUMENT` when data is no list, `ERR_SPARSE_SHAPE` when a list is too short or
 *   too long, `ERR_SPARSE_DTYPE` for an element that is no number, or one that its type cannot hold
 */
export function readData(
  { name, dtype }: Pick<TensorInfo, 'name' | 'dtype'>,
  data: unknown,
  shape: readonly number[],
): Float32Array | Int32Array {
  const write = dtype === 'float32' ? writeNumbers : writeIntegers;
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (Array.isArray(data) && !Array.isArray(data[0])) {
    checkLength(name, data, size, '');
    return write(name, [data], size);
  }
  // Every list is checked before memory is reserved: a shape alone reserves nothing.
  const rows: unknown[][] = [];
  collectRows(name, data, shape, '', rows);
  return write(name, rows, size);
}

/** The innermost lists, in order. */
function collectRows(
  name: string,
  data: unknown,
  shape: readonly number[],
  place: string,
  rows: unknown[][],
): void {
  if (!Array.isArray(data)) {
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `infer: data${place} of input "${name}" is ${describeType(data)}, expected a list of numbers. Send JSON.`,
      { tensor: name, expected: 'a list', received: describeType(data) },
    );
  }
  checkLength(name, data, shape[0]!, place);
  if (shape.length === 1) rows.push(data);
  else
    for (const [i, part] of data.entries()) collectRows(name, part, shape.slice(1), `${place}[${i}]`, rows);
}

function checkLength(name: string, list: readonly unknown[], expected: number, place: string): void {
  if (list.length === expected) return;
  throw new SparseError(
    'ERR_SPARSE_SHAPE',
    `infer: data${place} of input "${name}" has ${list.length} elements, expected ${expected} by its shape.`,
    { tensor: name, expected, received: list.length },
  );
}

function writeNumbers(name: string, rows: readonly (readonly unknown[])[], size: number): Float32Array {
  const values = new Float32Array(size);
  let at = 0;
  for (const row of rows)
    for (const element of row) {
      // JSON has no NaN; a number too large for a double is read as an infinity.
      if (typeof element !== 'number' || Math.abs(element) > largestFloat32)
        throw unfit(name, at, element, 'FP32');
      values[at++] = element;
    }
  return values;
}

function writeIntegers(name: string, rows: readonly (readonly unknown[])[], size: number): Int32Array {
  const values = new Int32Array(size);
  let at = 0;
  for (const row of rows)
    for (const element of row) {
      if (typeof element !== 'number' || (element | 0) !== element) throw unfit(name, at, element, 'INT32');
      values[at++] = element;
    }
  return values;
}

function unfit(name: string, at: number, element: unknown, datatype: string): SparseError {
  const received = typeof element === 'number' ? String(element) : shown(element);
  return new SparseError(
    'ERR_SPARSE_DTYPE',
    `infer: element ${at} of the data of input "${name}" is ${received}, expected a number that ${datatype} can hold.`,
    { tensor: name, expected: datatype, received: element },
  );
}
