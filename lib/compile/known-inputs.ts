import { SparseError, shown } from '../errors.ts';
import { isRecord } from '../io/is-record.ts';
import { didYouMean } from '../native/near-miss.ts';
import type { Constant } from '../plan/evaluate.ts';
import { sizeOf } from '../plan/geometry.ts';
import type { GraphPort } from './read-graph.ts';

/** What the caller knows of a model's inputs beyond its signature. */
export interface InputFacts {
  /** Sizes of inputs by name, the batch first (`null`: any). */
  inputShapes?: Readonly<Record<string, readonly (number | null)[]>>;
  /** Values of inputs by name: a number, or all of them row-major. */
  constants?: Readonly<Record<string, number | readonly number[]>>;
}

/** The inputs of a graph, told apart. */
export interface KnownInputs {
  /** Those that a run gives, with shapes as far as they are known. */
  open: readonly GraphPort[];
  /** Those that have a value now. */
  constants: readonly { port: GraphPort; value: Constant }[];
}

/**
 * Completes a graph's inputs with what the caller knows.
 *
 * @throws SparseError `ERR_SPARSE_OPTION` for a name that the model does not have, or sizes that contradict its own
 */
export function knownInputs(inputs: readonly GraphPort[], facts: InputFacts): KnownInputs {
  const shapes = byPort('inputShapes', inputs, facts.inputShapes);
  const values = byPort('constants', inputs, facts.constants);
  const complete = inputs.map((port) => withShape(port, shapes.get(port)));
  const open = complete.filter((_, i) => !values.has(inputs[i]!));
  const constants = complete.flatMap((port, i) => {
    const value = values.get(inputs[i]!);
    return value === undefined ? [] : [{ port, value: constantOf(port, value) }];
  });
  return { open, constants };
}

/** A record's entries by the input that each key names: by name or signature key. */
function byPort(what: string, inputs: readonly GraphPort[], record: unknown): Map<GraphPort, unknown> {
  if (record === undefined) return new Map();
  if (!isRecord(record)) throw optionError(what, what, 'an object by input name', record);
  return new Map(
    Object.entries(record).map(([key, value]) => {
      const port = inputs.find(({ name, key: signature }) => name === key || signature === key);
      if (port) return [port, value];
      const names = inputs.map(({ name }) => name);
      throw new SparseError(
        'ERR_SPARSE_OPTION',
        `compile: ${what}: the model has no input "${key}". Its inputs are ${names.join(', ')}.${didYouMean(key, names)}`,
        { tensor: what, expected: names, received: key },
      );
    }),
  );
}

function withShape(port: GraphPort, given: unknown): GraphPort {
  if (given === undefined) return port;
  const sizes = Array.isArray(given)
    ? given.map((size: unknown, axis) => (size === null && axis === 0 ? -1 : size))
    : [];
  const isList =
    Array.isArray(given) && sizes.every((size, axis) => isSize(size) || (size === -1 && axis === 0));
  if (!isList)
    throw optionError('inputShapes', port.name, 'sizes from 1, the batch first (null: any)', given);
  const shape = sizes as number[];
  const own = port.shape;
  const fits =
    !own || (own.length === shape.length && own.every((size, i) => size === -1 || size === shape[i]));
  if (!fits) {
    const expected = own.map((size) => (size === -1 ? null : size));
    throw optionError('inputShapes', port.name, `sizes that fit ${shown(expected)}`, given);
  }
  return { ...port, shape };
}

function isSize(size: unknown): boolean {
  return Number.isSafeInteger(size) && (size as number) >= 1 && (size as number) <= 0x7fffffff;
}

function constantOf({ name, shape, dtype = 'float32' }: GraphPort, given: unknown): Constant {
  const list: unknown = typeof given === 'number' ? [given] : given;
  const numbers =
    Array.isArray(list) || ArrayBuffer.isView(list) ? Array.from(list as ArrayLike<unknown>) : [];
  if (numbers.length === 0 || !numbers.every((value) => typeof value === 'number'))
    throw optionError('constants', name, 'a number or numbers', given);
  const open = shape?.filter((size) => size === -1).length ?? 0;
  const known =
    shape && open === 0 ? shape : open === 1 && shape ? completed(shape, numbers.length) : undefined;
  const full = known ?? (typeof given === 'number' ? [] : [numbers.length]);
  if (sizeOf(full) !== numbers.length) throw optionError('constants', name, `${sizeOf(full)} numbers`, given);
  const data =
    dtype === 'float32' ? Float32Array.from(numbers as number[]) : Int32Array.from(numbers as number[]);
  return { kind: 'constant', dtype, shape: full, data };
}

function completed(shape: readonly number[], count: number): number[] {
  const rest = sizeOf(shape.filter((size) => size !== -1));
  return shape.map((size) => (size === -1 ? Math.floor(count / rest) : size));
}

function optionError(what: string, input: string, expected: string, received: unknown): SparseError {
  const text =
    received !== null && ArrayBuffer.isView(received) ? 'an array of another length' : shown(received);
  return new SparseError(
    'ERR_SPARSE_OPTION',
    `compile: ${what}: ${input} is ${text}, expected ${expected}.`,
    { tensor: input, expected, received },
  );
}
