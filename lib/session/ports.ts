import { SparseError } from '../errors.ts';
import { checkArray, describeType, overlaps } from '../native/check.ts';
import type { Plan } from '../plan/plan.ts';

/** Typed arrays that a session takes. */
export type Values = Float32Array | Int32Array | Uint8Array;

/** An input or output. `null` is a dimension known only at run time: the batch. */
export interface TensorInfo {
  name: string;
  shape: (number | null)[];
  dtype: 'float32' | 'int32' | 'uint8';
}

/** An input or output with its size. */
export interface Port extends TensorInfo {
  /** Values of one batch element. */
  features: number;
}

export function portsOf(plan: Plan, ports: Plan['inputs']): Port[] {
  return ports.map(({ name, value }) => {
    const { shape } = plan.values[value]!;
    return {
      name,
      shape: [null, ...shape],
      dtype: 'float32',
      features: shape.reduce((size, dimension) => size * dimension, 1),
    };
  });
}

const shapeText = (port: Port) => `[batch, ${port.shape.slice(1).join(', ')}]`;

/**
 * The batch of one input.
 *
 * @throws {@link SparseError} naming the input, what was expected and received
 */
export function readInput(what: string, port: Port, value: unknown, shape?: readonly number[]): number {
  const x = checkArray(what, port.name, 'Float32Array', value);
  const batch = x.length / port.features;
  if (!Number.isInteger(batch)) {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `${what}: ${port.name} has ${x.length} values, expected a multiple of ${port.features} for ${shapeText(port)}.`,
      { tensor: port.name, expected: port.features, received: x.length },
    );
  }
  if (shape !== undefined) checkShape(what, port, batch, shape);
  return batch;
}

function checkShape(what: string, port: Port, batch: number, shape: readonly number[]): void {
  const expected = [batch, ...port.shape.slice(1)];
  if (Array.isArray(shape) && shape.length === expected.length && expected.every((d, i) => d === shape[i]))
    return;
  throw new SparseError(
    'ERR_SPARSE_SHAPE',
    `${what}: shape of ${port.name} is [${shape}], expected [${expected.join(', ')}].`,
    { tensor: port.name, expected, received: shape },
  );
}

/** The caller's array for an output, checked, or a new one. */
export function readOutput(
  what: string,
  port: Port,
  batch: number,
  out: unknown,
  inputs: readonly Float32Array[],
): Float32Array {
  const length = batch * port.features;
  if (out === undefined) return new Float32Array(length);
  const array = checkArray(what, `out "${port.name}"`, 'Float32Array', out, length);
  if (!inputs.some((input) => overlaps(input, array))) return array;
  throw new SparseError('ERR_SPARSE_BUFFER', `${what}: out overlaps an input, expected memory of its own.`, {
    tensor: 'out',
    expected: 'memory apart from the inputs',
    received: 'overlapping memory',
  });
}

/** Values by name as a list in the order of the ports. */
export function orderByName<T>(what: string, kind: string, ports: readonly Port[], record: unknown): T[] {
  if (typeof record !== 'object' || record === null || ArrayBuffer.isView(record)) {
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${what}: ${kind} is ${describeType(record)}, expected an object with ${ports.map((p) => p.name).join(', ')}.`,
      { tensor: kind, expected: ports.map((p) => p.name), received: describeType(record) },
    );
  }
  const unknown = Object.keys(record).find((name) => !ports.some((port) => port.name === name));
  if (unknown !== undefined) {
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${what}: ${kind} has no "${unknown}", expected ${ports.map((p) => p.name).join(', ')}.`,
      { tensor: unknown, expected: ports.map((p) => p.name), received: unknown },
    );
  }
  return ports.map((port) => (record as Record<string, T>)[port.name]!);
}
