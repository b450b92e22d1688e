import { SparseError, shown } from '../errors.ts';
import { describeType } from '../native/check.ts';
import { didYouMean } from '../native/near-miss.ts';
import type { TensorInfo } from '../session/ports.ts';
import { datatypeOf } from './protocol.ts';
import { readData } from './read-data.ts';

/** An inference request, read and checked. */
export interface InferCall {
  id: string | undefined;
  /** Elements of an open batch; 1 where the model fixes it. */
  batch: number;
  /** In the order of the model. */
  inputs: (Float32Array | Int32Array)[];
  /** The outputs that are wanted, in the order of the request. */
  outputs: readonly TensorInfo[];
}

interface Ports {
  inputs: readonly TensorInfo[];
  outputs: readonly TensorInfo[];
}

/**
 * Reads the body of an inference request for a model. `parameters` are accepted and change nothing.
 *
 * @throws {@link SparseError} that names the tensor, what was expected and received
 */
export function readInferRequest(body: unknown, model: Ports): InferCall {
  const { id, inputs, outputs } = readObject('the body', body);
  const byName = readTensors('input', readList('inputs', inputs), model.inputs);
  const missing = model.inputs.find((port) => !byName.has(port.name));
  if (missing !== undefined) {
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `infer: inputs lack "${missing.name}", expected ${names(model.inputs)}.`,
      { tensor: missing.name, expected: model.inputs.map((port) => port.name), received: [...byName.keys()] },
    );
  }
  let batch: number | undefined;
  const values = model.inputs.map((port) => {
    const tensor = byName.get(port.name)!;
    checkDatatype(port, tensor.datatype);
    const shape = readShape(port, tensor.shape, batch);
    if (port.shape[0] === null) batch = shape[0]!;
    return readData(port, tensor.data, shape);
  });
  return { id: readId(id), batch: batch ?? 1, inputs: values, outputs: readOutputs(outputs, model.outputs) };
}

function readObject(what: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new SparseError(
    'ERR_SPARSE_ARGUMENT',
    `infer: ${what} is ${describeType(value)}, expected a JSON object.`,
    { tensor: what, expected: 'object', received: describeType(value) },
  );
}

function readList(what: string, value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new SparseError(
    'ERR_SPARSE_ARGUMENT',
    `infer: "${what}" is ${describeType(value)}, expected a list of tensors.`,
    { tensor: what, expected: 'a list', received: describeType(value) },
  );
}

function readId(id: unknown): string | undefined {
  if (id === undefined || typeof id === 'string') return id;
  throw new SparseError('ERR_SPARSE_ARGUMENT', `infer: "id" is ${shown(id)}, expected a string.`, {
    tensor: 'id',
    expected: 'string',
    received: id,
  });
}

const names = (ports: readonly TensorInfo[]) => ports.map((port) => `"${port.name}"`).join(', ');

/** Tensors of a list by their names, each of which is one of the model's and comes once. */
function readTensors(
  kind: 'input' | 'output',
  list: readonly unknown[],
  ports: readonly TensorInfo[],
): Map<string, Record<string, unknown>> {
  const known = ports.map((port) => port.name);
  const byName = new Map<string, Record<string, unknown>>();
  for (const [i, entry] of list.entries()) {
    const tensor = readObject(`${kind} ${i}`, entry);
    const name = tensor.name;
    if (typeof name !== 'string' || !known.includes(name)) {
      const hint = typeof name === 'string' ? didYouMean(name, known) : '';
      throw new SparseError(
        'ERR_SPARSE_ARGUMENT',
        `infer: the name of ${kind} ${i} is ${shown(name)}, expected one of ${names(ports)}.${hint}`,
        { tensor: `${kind} ${i}`, expected: known, received: name },
      );
    }
    if (byName.has(name)) {
      throw new SparseError('ERR_SPARSE_ARGUMENT', `infer: ${kind} "${name}" comes twice, expected once.`, {
        tensor: name,
        expected: 'one',
        received: 'two',
      });
    }
    byName.set(name, tensor);
  }
  return byName;
}

function checkDatatype(port: TensorInfo, datatype: unknown): void {
  const expected = datatypeOf(port);
  if (datatype === expected) return;
  throw new SparseError(
    'ERR_SPARSE_DTYPE',
    `infer: datatype of input "${port.name}" is ${shown(datatype)}, expected "${expected}".`,
    { tensor: port.name, expected, received: datatype },
  );
}

/** @param batch - of the inputs before, which this one must have as well */
function readShape(port: TensorInfo, shape: unknown, batch: number | undefined): number[] {
  const isOpen = port.shape[0] === null;
  const known = isOpen ? [batch ?? null, ...port.shape.slice(1)] : port.shape;
  const given: unknown[] = Array.isArray(shape) ? shape : [];
  const fits = known.every((size, i) =>
    size === null ? Number.isSafeInteger(given[i]) && (given[i] as number) >= 1 : size === given[i],
  );
  if (fits && Array.isArray(shape) && given.length === known.length) return shape as number[];
  const expected = known.map((size) => size ?? 'batch').join(', ');
  throw new SparseError(
    'ERR_SPARSE_SHAPE',
    `infer: shape of input "${port.name}" is ${shown(shape)}, expected [${expected}]${known.includes(null) ? ' with a batch of at least 1' : ''}.`,
    { tensor: port.name, expected: `[${expected}]`, received: shape },
  );
}

/** All outputs when the request names none. */
function readOutputs(outputs: unknown, ports: readonly TensorInfo[]): readonly TensorInfo[] {
  const list = outputs === undefined ? [] : readList('outputs', outputs);
  if (list.length === 0) return ports;
  const wanted = [...readTensors('output', list, ports).keys()];
  return wanted.map((name) => ports.find((port) => port.name === name)!);
}
