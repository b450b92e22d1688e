import { SparseError, shown } from '../errors.ts';
import { checkArray, describeType, newFloat32Array, newInt32Array, overlaps } from '../native/check.ts';
import { didYouMean } from '../native/near-miss.ts';
import type { Plan } from '../plan/plan.ts';

/** Typed arrays that a session takes. */
export type Values = Float32Array | Int32Array | Uint8Array;

/** An input or output. `null` is a dimension known only at run time: the batch. */
export interface TensorInfo {
  /** Key of its values in a run by name. */
  name: string;
  /** Batch first, then the sizes of one element. */
  shape: (number | null)[];
  /** Element type of its values. */
  dtype: 'float32' | 'int32' | 'uint8';
}

/** An input or output with its size. */
export interface Port extends TensorInfo {
  /** Values of one batch element; of all there are where the batch is fixed. */
  features: number;
  /** The only batch that the plan is for. */
  batch?: number;
  /** Which of the native outputs is the number of rows, and how many values a row has. */
  rows?: { at: number; size: number };
}

/** The shape of values of a port: how many rows there are follows from how many values there are. */
export function shapeOfValues({ shape }: TensorInfo, length: number): number[] {
  const row = shape.reduce<number>((size, dimension) => size * (dimension ?? 1), 1);
  return shape.map((dimension) => dimension ?? length / row);
}

/** Whether runs of a session can be merged into one: it has one input and one output, and both leave the batch open. */
export function isMergeable({
  inputs,
  outputs,
}: {
  inputs: readonly TensorInfo[];
  outputs: readonly TensorInfo[];
}): boolean {
  return (
    inputs.length === 1 &&
    outputs.length === 1 &&
    [inputs, outputs].every(([port]) => port!.shape[0] === null)
  );
}

/** Arrays that a port takes. */
export type PortArray = Float32Array | Int32Array;

export function portsOf(plan: Plan, ports: Plan['inputs']): Port[] {
  return ports.flatMap(({ name, value, counts }) => {
    if (counts !== undefined) return [];
    const at = ports.findIndex((other) => other.counts === name);
    const { shape, dtype, layout, fixed } = plan.values[value]!;
    const { batch } = plan;
    const full = fixed ? [...shape] : [layout === 'array' || batch === undefined ? null : batch, ...shape];
    const rows = at < 0 ? undefined : { at, size: full.slice(1).reduce<number>((n, d) => n * (d ?? 1), 1) };
    return {
      name,
      shape: rows ? [null, ...full.slice(1)] : full,
      // A bool is 0 or 1.
      dtype: dtype === 'float32' ? 'float32' : 'int32',
      features: full.reduce<number>((size, dimension) => size * (dimension ?? 1), 1),
      ...(batch !== undefined && { batch }),
      ...(rows && { rows }),
    };
  });
}

const shapeText = (port: Port) => `[${port.shape.map((size) => size ?? 'batch').join(', ')}]`;
const arrayName = (port: Port) => (port.dtype === 'int32' ? 'Int32Array' : 'Float32Array');

/**
 * What the caller gets of the native outputs: without those that are counts, each as long as it was found to be.
 *
 * @param outputs - all of them, in the order of the plan
 */
export function trimOutputs(ports: readonly Port[], outputs: readonly PortArray[]): PortArray[] {
  return ports.map(({ rows }, i) => {
    const output = outputs[i]!;
    return rows ? output.subarray(0, outputs[rows.at]![0]! * rows.size) : output;
  });
}

/** Values of a port at a batch. */
export function portLength(port: Port, batch: number): number {
  return port.batch === undefined ? batch * port.features : port.features;
}

/**
 * The batch of one input.
 *
 * @throws {@link SparseError} naming the input, what was expected and received
 */
export function readInput(what: string, port: Port, value: unknown, shape?: unknown): number {
  const x = checkArray(what, port.name, arrayName(port), value);
  if (port.batch !== undefined) {
    if (x.length !== port.features) throw wrongBatch(what, port, x.length);
    if (shape !== undefined) checkShape(what, port, port.batch, shape);
    return port.batch;
  }
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

function wrongBatch(what: string, port: Port, length: number): SparseError {
  return new SparseError(
    'ERR_SPARSE_SHAPE',
    `${what}: ${port.name} has ${length} values, expected ${port.features} for ${shapeText(port)}: the model runs with a batch of ${port.batch} only. Call it once for each.`,
    { tensor: port.name, expected: port.features, received: length },
  );
}

function checkShape(what: string, port: Port, batch: number, shape: unknown): void {
  const expected = port.shape.map((size) => size ?? batch);
  if (Array.isArray(shape) && shape.length === expected.length && expected.every((d, i) => d === shape[i]))
    return;
  throw new SparseError(
    'ERR_SPARSE_SHAPE',
    `${what}: shape of ${port.name} is ${shown(shape)}, expected [${expected.join(', ')}].`,
    { tensor: port.name, expected, received: shape },
  );
}

/**
 * The caller's array for an output, checked, or a new one.
 *
 * @param others - inputs, and outputs that are already known
 */
export function readOutput(
  what: string,
  port: Port,
  batch: number,
  out: unknown,
  others: readonly PortArray[],
): PortArray {
  const name = `out "${port.name}"`;
  const length = portLength(port, batch);
  if (out === undefined)
    return port.dtype === 'int32' ? newInt32Array(what, name, length) : newFloat32Array(what, name, length);
  const array = checkArray(what, name, arrayName(port), out, length);
  if (!others.some((other) => overlaps(other, array))) return array;
  throw new SparseError(
    'ERR_SPARSE_BUFFER',
    `${what}: ${name} overlaps an input or another output, expected memory of its own.`,
    { tensor: name, expected: 'memory of its own', received: 'overlapping memory' },
  );
}

/** Values by name as a list in the order of the ports; undefined where one is missing. */
export function orderByName(
  what: string,
  kind: string,
  ports: readonly Port[],
  record: unknown,
  alternative = '',
): unknown[] {
  const names = ports.map((port) => port.name);
  const expected = `an object by name with ${names.map((name) => `"${name}"`).join(', ')}`;
  if (typeof record !== 'object' || record === null || Array.isArray(record) || ArrayBuffer.isView(record)) {
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${what}: ${kind} is of the wrong type, expected ${alternative}${expected}, received ${describeType(record)}.`,
      { tensor: kind, expected: names, received: describeType(record) },
    );
  }
  const unknown = Object.keys(record).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${what}: ${kind} has the unknown name "${unknown}", expected ${expected}.${didYouMean(unknown, names)}`,
      { tensor: unknown, expected: names, received: Object.keys(record) },
    );
  }
  return names.map((name) => (Object.hasOwn(record, name) ? Reflect.get(record, name) : undefined));
}

/** {@link orderByName} of the inputs, none of which may be missing. */
export function orderInputs(what: string, ports: readonly Port[], record: unknown): unknown[] {
  const [only] = ports.length === 1 ? ports : [];
  const array = only === undefined ? '' : `a Float32Array ${shapeText(only)} or `;
  const values = orderByName(what, 'x', ports, record, array);
  const missing = ports.find((_, i) => values[i] === undefined);
  if (missing === undefined) return values;
  throw new SparseError(
    'ERR_SPARSE_ARGUMENT',
    `${what}: x lacks the input "${missing.name}", expected values for ${shapeText(missing)}.`,
    {
      tensor: missing.name,
      expected: ports.map((port) => port.name),
      received: Object.keys(record as object),
    },
  );
}
