import { types } from 'node:util';
import { SparseError } from '../errors.ts';
import { didYouMean } from './near-miss.ts';

/** Typed arrays that go to the addon. */
interface ArrayTypes {
  Float32Array: Float32Array;
  Float64Array: Float64Array;
  Int32Array: Int32Array;
  Uint32Array: Uint32Array;
  Uint8Array: Uint8Array;
}

const isType: { readonly [Name in keyof ArrayTypes]: (value: unknown) => boolean } = {
  Float32Array: types.isFloat32Array,
  Float64Array: types.isFloat64Array,
  Int32Array: types.isInt32Array,
  Uint32Array: types.isUint32Array,
  // A Clamped array and a Buffer's pool differ from this one: Buffer is a Uint8Array, Uint8ClampedArray is not.
  Uint8Array: types.isUint8Array,
};

/** The addon counts in 32 bits: no array may have more elements. */
export const maxLength = 2 ** 31 - 1;

/** What a value is, for messages: `Float64Array`, `string`, `null`, ... */
export function describeType(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

function adviceFor(unfit: string): string {
  return unfit === detached ? 'Was it transferred to a worker?' : 'Copy it into a new typed array first.';
}

const detached = 'a detached ArrayBuffer';

/** Why the memory of a typed array must not be given to native code; undefined when it may. */
function unfitBuffer(array: ArrayBufferView): string | undefined {
  const buffer = array.buffer as ArrayBufferLike & { resizable?: boolean };
  if (types.isSharedArrayBuffer(buffer)) return 'a SharedArrayBuffer';
  if (buffer.resizable === true) return 'a resizable ArrayBuffer';
  if (array.byteLength === 0 && isDetached(buffer)) return detached;
  return undefined;
}

/**
 * A typed array of exactly this type, on a buffer of its own kind: not detached, shared or resizable.
 *
 * @param what - function that was called, for the message
 * @param name - argument or tensor
 * @param length - elements that it must have; any when left out
 * @returns the same value, typed
 * @throws {@link SparseError} `ERR_SPARSE_ARGUMENT`, `ERR_SPARSE_DTYPE`, `ERR_SPARSE_BUFFER`, `ERR_SPARSE_SHAPE`
 */
export function checkArray<Name extends keyof ArrayTypes>(
  what: string,
  name: string,
  type: Name,
  value: unknown,
  length?: number,
): ArrayTypes[Name] {
  if (!isType[type](value)) {
    const code = ArrayBuffer.isView(value) ? 'ERR_SPARSE_DTYPE' : 'ERR_SPARSE_ARGUMENT';
    const received = describeType(value);
    throw new SparseError(
      code,
      `${what}: ${name} is of the wrong type, expected ${type}, received ${received}.`,
      {
        tensor: name,
        expected: type,
        received,
      },
    );
  }
  const array = value as ArrayTypes[Name];
  const unfit = unfitBuffer(array);
  if (unfit !== undefined) {
    throw new SparseError(
      'ERR_SPARSE_BUFFER',
      `${what}: ${name} lies in ${unfit}, expected an ArrayBuffer of fixed size. ${adviceFor(unfit)}`,
      { tensor: name, expected: 'ArrayBuffer', received: unfit },
    );
  }
  if (length !== undefined && array.length !== length) {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `${what}: ${name} has ${array.length} elements, expected ${length}.`,
      { tensor: name, expected: length, received: array.length },
    );
  }
  if (array.length > maxLength) {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `${what}: ${name} has ${array.length} elements, expected at most ${maxLength}.`,
      { tensor: name, expected: maxLength, received: array.length },
    );
  }
  return array;
}

/** {@link checkArray} for the most common type. */
export function checkFloat32Array(what: string, name: string, value: unknown, length?: number): Float32Array {
  return checkArray(what, name, 'Float32Array', value, length);
}

/**
 * A new Float32Array of zeros.
 *
 * @throws {@link SparseError} `ERR_SPARSE_SHAPE` when it would be longer than the addon can count, `ERR_SPARSE_NATIVE`
 *   when there is no memory for it
 */
export function newFloat32Array(what: string, name: string, length: number): Float32Array {
  if (length > maxLength) {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `${what}: ${name} would have ${length} elements, expected at most ${maxLength}. Use a smaller batch.`,
      { tensor: name, expected: maxLength, received: length },
    );
  }
  try {
    return new Float32Array(length);
  } catch (cause) {
    throw new SparseError(
      'ERR_SPARSE_NATIVE',
      `${what}: not enough memory for ${name} of ${length} elements. Use a smaller batch.`,
      { tensor: name, received: length, cause },
    );
  }
}

/** The same of integers. */
export function newInt32Array(what: string, name: string, length: number): Int32Array {
  return new Int32Array(newFloat32Array(what, name, length).buffer as ArrayBuffer);
}

/** Whether two typed arrays share bytes. */
export function overlaps(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return (
    a.byteLength > 0 &&
    b.byteLength > 0 &&
    a.buffer === b.buffer &&
    a.byteOffset < b.byteOffset + b.byteLength &&
    b.byteOffset < a.byteOffset + a.byteLength
  );
}

function show(value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : describeType(value);
}

/**
 * A whole number in [lowest, highest].
 *
 * @throws {@link SparseError} `ERR_SPARSE_ARGUMENT` when it is no number, `ERR_SPARSE_OPTION` when it is out of range
 */
export function checkInteger(
  what: string,
  name: string,
  value: unknown,
  lowest: number,
  highest: number = maxLength,
): number {
  const range = `a whole number in [${lowest}, ${highest}]`;
  if (typeof value === 'number' && Number.isInteger(value) && value >= lowest && value <= highest)
    return value;
  throw new SparseError(
    typeof value === 'number' ? 'ERR_SPARSE_OPTION' : 'ERR_SPARSE_ARGUMENT',
    `${what}: ${name} is ${show(value)}, expected ${range}.`,
    { tensor: name, expected: range, received: value },
  );
}

/**
 * The path of a file.
 *
 * @throws {@link SparseError} `ERR_SPARSE_ARGUMENT` when it is no string, is empty or has a null character
 */
export function checkPath(what: string, value: unknown): string {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value;
  const received = typeof value === 'string' ? JSON.stringify(value) : describeType(value);
  throw new SparseError('ERR_SPARSE_ARGUMENT', `${what}: file is ${received}, expected the path of a file.`, {
    tensor: 'file',
    expected: 'a path',
    received: value,
  });
}

/**
 * A fraction in [0, 1]; NaN is refused.
 *
 * @throws {@link SparseError} `ERR_SPARSE_ARGUMENT` when it is no number, `ERR_SPARSE_OPTION` when it is out of range
 */
export function checkFraction(what: string, name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw new SparseError(
    typeof value === 'number' ? 'ERR_SPARSE_OPTION' : 'ERR_SPARSE_ARGUMENT',
    `${what}: ${name} is ${show(value)}, expected a fraction in [0, 1].`,
    { tensor: name, expected: 'a fraction in [0, 1]', received: value },
  );
}

/**
 * One of a few words.
 *
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` with the list of them
 */
export function checkChoice<T extends string | number>(
  what: string,
  name: string,
  value: unknown,
  choices: readonly T[],
): T {
  if ((choices as readonly unknown[]).includes(value)) return value as T;
  const quote = (v: unknown) => (typeof v === 'string' ? `"${v}"` : show(v));
  const list = choices.map(quote).join(', ');
  throw new SparseError(
    'ERR_SPARSE_OPTION',
    `${what}: ${name} is ${quote(value)}, expected one of ${list}.`,
    {
      tensor: name,
      expected: choices,
      received: value,
    },
  );
}

/**
 * An object of options without misspelt keys; undefined counts as an empty one.
 *
 * @throws {@link SparseError} `ERR_SPARSE_ARGUMENT` when it is no object, `ERR_SPARSE_OPTION` for an unknown key
 */
export function checkOptions(
  what: string,
  value: unknown,
  known: readonly string[],
): Record<string, unknown> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${what}: the options are ${describeType(value)}, expected an object.`,
      { expected: 'object', received: describeType(value) },
    );
  }
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: unknown option "${key}", expected one of ${known.join(', ')}.${didYouMean(key, known)}`,
      { tensor: key, expected: known, received: key },
    );
  }
  return value as Record<string, unknown>;
}
