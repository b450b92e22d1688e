import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { randomValues } from '../../lib/sparse/random.ts';
import type { Artifacts, ModelCase, ModelSpec } from './model-case.ts';
import { readKernel } from './product-files.ts';
import { sparseWeights } from './sparse-weights.ts';

interface Layer {
  className: string;
  config: Record<string, unknown>;
  /** Shapes of the weights, by name. */
  weights?: Record<string, number[]>;
}

const relu = { activation: 'relu' };

function dense(name: string, inputs: number, outputs: number, config: Record<string, unknown> = {}): Layer {
  return {
    className: 'Dense',
    config: { name, units: outputs, ...config },
    weights: { kernel: [inputs, outputs], bias: [outputs] },
  };
}

/** A model that is made of random numbers. */
type Made = Extract<ModelSpec, { type: 'layer' | 'network' }>;

/** The layers of the two networks that the benches and the demo use, and of a single layer. */
function layersOf(model: Made): { inputShape: number[]; layers: Layer[] } {
  if (model.type === 'layer')
    return { inputShape: [model.inputs], layers: [dense('dense', model.inputs, model.outputs, relu)] };
  if (model.name === 'lenet-300-100') {
    const layers = [
      dense('dense_1', 784, 300, relu),
      dense('dense_2', 300, 100, relu),
      dense('dense_3', 100, 10),
    ];
    return { inputShape: [784], layers };
  }
  const layers: Layer[] = [
    {
      className: 'Conv2D',
      config: { name: 'conv2d', filters: 12, kernel_size: [3, 3], ...relu },
      weights: { kernel: [3, 3, 1, 12], bias: [12] },
    },
    { className: 'MaxPooling2D', config: { name: 'max_pooling2d', pool_size: [2, 2] } },
    { className: 'Flatten', config: { name: 'flatten' } },
    dense('dense', 13 * 13 * 12, 10),
  ];
  return { inputShape: [28, 28, 1], layers };
}

/** One Dense layer whose kernel is a file: no bias, no activation, so that every engine has the same to do. */
function product({ folder, outputs, inputs }: Extract<ModelSpec, { type: 'product' }>): Artifacts {
  const config = {
    name: 'dense',
    units: outputs,
    use_bias: false,
    batch_input_shape: [null, inputs],
    trainable: true,
  };
  return {
    modelTopology: {
      class_name: 'Sequential',
      config: { name: 'bench', layers: [{ class_name: 'Dense', config }] },
    },
    weightSpecs: [{ name: 'dense/kernel', shape: [inputs, outputs], dtype: 'float32' }],
    weightData: readKernel(folder).buffer as ArrayBuffer,
    inputShape: [inputs],
  };
}

function built(model: Made): Artifacts {
  const { inputShape, layers } = layersOf(model);
  const weightSpecs: Artifacts['weightSpecs'] = [];
  const parts: Float32Array[] = [];
  let seed = model.seed;
  for (const layer of layers)
    for (const [name, shape] of Object.entries(layer.weights ?? {})) {
      const length = shape.reduce((a, b) => a * b, 1);
      const inputs = length / shape.at(-1)!;
      weightSpecs.push({ name: `${layer.config.name}/${name}`, shape, dtype: 'float32' });
      parts.push(
        name === 'bias'
          ? randomValues(length, seed++).map((v) => v - 0.5)
          : sparseWeights(length, inputs, model.sparsity, seed++),
      );
    }
  layers[0]!.config.batch_input_shape = [null, ...inputShape];
  const config = {
    name: 'bench',
    layers: layers.map((l) => ({ class_name: l.className, config: { ...l.config, trainable: true } })),
  };
  const weightData = Buffer.concat(parts.map((p) => Buffer.from(p.buffer, p.byteOffset, p.byteLength)));
  return {
    modelTopology: { class_name: 'Sequential', config },
    weightSpecs,
    weightData: new Uint8Array(weightData).buffer,
    inputShape,
  };
}

async function saved(file: string): Promise<Artifacts> {
  const json = JSON.parse(await readFile(file, 'utf8'));
  const groups = json.weightsManifest as { paths: string[]; weights: Artifacts['weightSpecs'] }[];
  const files = groups.flatMap((g) => g.paths).map((p) => readFile(path.join(path.dirname(file), p)));
  const config = json.modelTopology.config;
  const [, ...inputShape] = (config.layers ?? config)[0].config.batch_input_shape as number[];
  return {
    modelTopology: json.modelTopology,
    weightSpecs: groups.flatMap((g) => g.weights),
    weightData: new Uint8Array(Buffer.concat(await Promise.all(files))).buffer,
    inputShape,
  };
}

/** The same model in every process that asks for the same spec. A saved one must be a Sequential. */
export async function artifactsOf(model: ModelSpec): Promise<Artifacts> {
  if (model.type === 'file') return saved(model.path);
  return model.type === 'product' ? product(model) : built(model);
}

/** The input of a case: batch × size of one, row-major. */
export async function inputOf(work: ModelCase, inputShape: readonly number[]): Promise<Float32Array> {
  const length = work.batch * inputShape.reduce((a, b) => a * b, 1);
  if ('seed' in work.input) return randomValues(length, work.input.seed);
  const bytes = await readFile(work.input.file);
  if (bytes.byteLength < length * 4)
    throw new Error(`${work.input.file}: ${bytes.byteLength} bytes, the case needs ${length * 4}`);
  return new Float32Array(new Uint8Array(bytes.subarray(0, length * 4)).buffer);
}

/** Weights that are not zero, and all weights, of tensors of rank 2 and more. */
export function countWeights(artifacts: Artifacts): { nonZero: number; size: number } {
  let nonZero = 0;
  let size = 0;
  let offset = 0;
  for (const { shape } of artifacts.weightSpecs) {
    const length = shape.reduce((a, b) => a * b, 1);
    const values = new Float32Array(artifacts.weightData, offset, length);
    offset += length * 4;
    if (shape.length < 2) continue;
    size += length;
    nonZero += values.reduce((count, v) => count + (v === 0 ? 0 : 1), 0);
  }
  return { nonZero, size };
}
