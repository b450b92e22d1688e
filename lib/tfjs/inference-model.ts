import type {
  InferenceModel,
  ModelPredictConfig,
  ModelTensorInfo,
  NamedTensorMap,
  Tensor,
} from '@tensorflow/tfjs-core';
import { SparseError } from '../errors.ts';
import { checkInteger, describeType } from '../native/check.ts';
import { shapeOfValues, type TensorInfo } from '../session/ports.ts';
import type { SparseSession } from '../session/session.ts';
import { tfc } from './peers.ts';
import { integersOf, tensorOf, valuesOf } from './tensor-values.ts';

/** What a model takes: one tensor, a list in the order of its inputs, or tensors by name. */
export type ModelInputs = Tensor | Tensor[] | NamedTensorMap;
/** What a model gives: one tensor, or a list in the order of its outputs or of the names asked for. */
export type ModelOutputs = Tensor | Tensor[];
type Arrays = Record<string, Float32Array | Int32Array>;

/** TF.js's interface, and the calls that it lacks but a GraphModel has: they run off the event loop. */
export interface SessionModel extends InferenceModel {
  /** `predict` off the event loop; the inputs may be disposed once the call has returned. */
  predictAsync(inputs: ModelInputs, config?: ModelPredictConfig): Promise<ModelOutputs>;
  /** `execute` off the event loop; the inputs may be disposed once the call has returned. */
  executeAsync(inputs: ModelInputs, outputs: string | string[]): Promise<ModelOutputs>;
}

/**
 * A session behind TF.js's own interface: tensors in, tensors out, no operation of TF.js in between. Tensors that come
 * back belong to the caller, as TF.js's do.
 *
 * Inputs are one tensor, a list in the order of the model, or tensors by name. `predict` gives one tensor, or a list where
 * the model has several outputs; `execute` gives the outputs that are named. `batchSize` is checked and changes nothing:
 * a session runs any batch at once.
 *
 * @throws {@link SparseError} from its calls: `ERR_SPARSE_SHAPE`, `ERR_SPARSE_DTYPE`, `ERR_SPARSE_ARGUMENT`,
 *   `ERR_SPARSE_OPTION` for an unknown output, `ERR_SPARSE_DISPOSED`; each names the tensor
 * @example
 * const model = asInferenceModel(await compile('model/model.json'));
 * const y = model.predict(tf.zeros([1, 784]), {});
 */
export function asInferenceModel(session: SparseSession): SessionModel {
  if (!Array.isArray(session?.inputs) || typeof session.run !== 'function') {
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `asInferenceModel: session is ${describeType(session)}, expected a SparseSession. Get one from compile or SparseSession.load.`,
      { tensor: 'session', expected: 'SparseSession', received: describeType(session) },
    );
  }
  const names = session.outputs.map((output) => output.name);
  const read = (what: string, inputs: ModelInputs) => readInputs(what, session.inputs, inputs);
  const write = (arrays: Arrays, wanted: readonly string[]) =>
    wanted.map((name) => {
      const port = session.outputs.find((output) => output.name === name)!;
      return tensorOf(arrays[name]!, shapeOfValues(port, arrays[name]!.length));
    });
  const single = (tensors: Tensor[]): ModelOutputs => (tensors.length === 1 ? tensors[0]! : tensors);

  const run = (what: string, inputs: ModelInputs, wanted: readonly string[]): Tensor[] => {
    const arrays = read(what, inputs);
    return write(session.run(arrays) as Arrays, wanted);
  };
  const runAsync = async (
    what: string,
    inputs: ModelInputs,
    wanted: readonly string[],
  ): Promise<Tensor[]> => {
    const arrays = read(what, inputs);
    return write((await session.runAsync(arrays)) as Arrays, wanted);
  };
  return {
    inputs: session.inputs.map(modelTensorInfo),
    outputs: session.outputs.map(modelTensorInfo),
    predict(inputs, config) {
      checkConfig('predict', config);
      return single(run('predict', inputs, names));
    },
    execute(inputs, outputs) {
      const wanted = readNames('execute', names, outputs);
      const tensors = run('execute', inputs, wanted);
      return Array.isArray(outputs) ? tensors : tensors[0]!;
    },
    async predictAsync(inputs, config) {
      checkConfig('predictAsync', config);
      return single(await runAsync('predictAsync', inputs, names));
    },
    async executeAsync(inputs, outputs) {
      const wanted = readNames('executeAsync', names, outputs);
      const tensors = await runAsync('executeAsync', inputs, wanted);
      return Array.isArray(outputs) ? tensors : tensors[0]!;
    },
  };
}

/** TF.js writes -1 for a size known only at run time. */
function modelTensorInfo({ name, shape, dtype }: TensorInfo): ModelTensorInfo {
  return { name, shape: shape.map((size) => size ?? -1), dtype: dtype === 'uint8' ? 'int32' : dtype };
}

function readInputs(what: string, ports: readonly TensorInfo[], inputs: unknown): Arrays {
  const tensors = listInputs(what, ports, inputs);
  let batch: number | undefined;
  const arrays = ports.map((port, i) => {
    const tensor = checkTensor(what, port, tensors[i], batch);
    if (port.shape[0] === null) batch = tensor.shape[0]!;
    return [port.name, port.dtype === 'float32' ? valuesOf(tensor) : integersOf(tensor)] as const;
  });
  return Object.fromEntries(arrays);
}

function listInputs(what: string, ports: readonly TensorInfo[], inputs: unknown): readonly unknown[] {
  const names = ports.map((port) => port.name);
  const wrong = (received: unknown) =>
    new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${what}: inputs are ${received}, expected ${names.length === 1 ? 'a tensor' : `${names.length} tensors`} for ${names.join(', ')}, as a list or by name.`,
      { tensor: 'inputs', expected: names, received },
    );
  const isTensor = inputs instanceof tfc.Tensor;
  if (isTensor || Array.isArray(inputs)) {
    const list = isTensor ? [inputs] : (inputs as unknown[]);
    if (list.length !== ports.length) throw wrong(isTensor ? 'one tensor' : `${list.length} tensors`);
    return list;
  }
  if (typeof inputs !== 'object' || inputs === null) throw wrong(describeType(inputs));
  const unknown = Object.keys(inputs).find((name) => !names.includes(name));
  if (unknown !== undefined) throw wrong(`named "${unknown}" among others`);
  return names.map((name) => (inputs as Record<string, unknown>)[name]);
}

function checkTensor(what: string, port: TensorInfo, value: unknown, batch: number | undefined): Tensor {
  const fail = (code: 'ARGUMENT' | 'DTYPE' | 'SHAPE' | 'DISPOSED', expected: unknown, received: unknown) =>
    new SparseError(
      `ERR_SPARSE_${code}`,
      `${what}: input "${port.name}" is ${text(received)}, expected ${text(expected)}.`,
      { tensor: port.name, expected, received },
    );
  if (!(value instanceof tfc.Tensor)) throw fail('ARGUMENT', 'a tensor', describeType(value));
  if (value.isDisposed) throw fail('DISPOSED', 'a live tensor', 'a disposed tensor');
  if (value.dtype !== port.dtype) throw fail('DTYPE', port.dtype, value.dtype);
  const [first, ...rest] = port.shape;
  const expected = port.shape.length === 0 ? [] : [first ?? batch ?? null, ...rest];
  const { shape } = value;
  const fits =
    shape.length === expected.length && expected.every((size, i) => size === null || size === shape[i]);
  if (!fits) throw fail('SHAPE', expected, shape);
  return value;
}

/** Shapes with the batch by its name. */
function text(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  return `of shape [${value.map((size) => size ?? 'batch').join(', ')}]`;
}

function readNames(what: string, names: readonly string[], outputs: unknown): string[] {
  const wanted: unknown[] = Array.isArray(outputs) ? outputs : [outputs];
  for (const name of wanted) {
    if (typeof name === 'string' && names.includes(name)) continue;
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: the model has no output "${String(name)}", expected of ${names.join(', ')}.`,
      { tensor: 'outputs', expected: names, received: name },
    );
  }
  return wanted as string[];
}

function checkConfig(what: string, config: ModelPredictConfig | undefined): void {
  if (config?.batchSize != null) checkInteger(what, 'batchSize', config.batchSize, 1);
}
