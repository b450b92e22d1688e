import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-node';
import { expect } from 'vitest';
import type { ModelSource } from '../../lib/io/model-source.ts';
import { compile } from '../../lib/session/compile.ts';
import { SparseSession } from '../../lib/session/session.ts';
import { randomizeWeights } from './against-tfjs.ts';
import { layersArtifacts } from './layers-artifacts.ts';
import type { Random } from './random.ts';
import { bits, relativeDifference } from './sessions.ts';

export interface LayerRun {
  /** What to compile; default: the model itself. */
  source?: ModelSource;
  /** Values of the inputs, row-major, for the batch; default: normal with deviation 2. */
  inputs?: readonly (Float32Array | Int32Array)[];
  /** Default: 2. */
  batch?: number;
}

/** A batch that is no multiple of any lane count. */
const usualBatch = 2;

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** A functional model of one layer, with random weights. @param shapes - of its inputs, without the batch */
export function modelOf(
  layer: tf.layers.Layer,
  shapes: readonly (readonly number[])[],
  random: Random,
): tf.LayersModel {
  const inputs = shapes.map((shape) => tf.input({ shape: [...shape] }));
  const output = layer.apply(inputs.length === 1 ? inputs[0]! : inputs) as tf.SymbolicTensor;
  const model = tf.model({ inputs, outputs: output });
  randomizeWeights(model, random);
  return model;
}

/**
 * Compiles a model, runs it natively and expects what `predict` gives: shapes exactly, values to 1e-5 of their magnitude;
 * and the same bits again from the saved session.
 */
export async function expectSessionRuns(
  model: tf.LayersModel,
  random: Random,
  { source = model, inputs: given, batch = usualBatch }: LayerRun = {},
): Promise<SparseSession> {
  const session = await compile(source);
  const shapes = model.inputs.map(({ shape }) => shape.slice(1) as number[]);
  const inputs = given ?? shapes.map((shape) => random.floats(batch * sizeOf(shape), 2));
  const tensors = inputs.map((values, i) =>
    tf.tensor(values, [batch, ...shapes[i]!], values instanceof Int32Array ? 'int32' : 'float32'),
  );
  const expected = [model.predict(tensors, { batchSize: batch })].flat();
  const feeds = Object.fromEntries(session.inputs.map(({ name }, i) => [name, inputs[i]!]));
  const results = session.run(feeds);
  expect(session.outputs.length).toBe(expected.length);
  const layers = model.layers.map((layer) => layer.getClassName()).join(', ');
  for (const [i, { name, shape }] of session.outputs.entries()) {
    const where = `${name} of ${layers} of inputs ${JSON.stringify(shapes)}, SEED=${random.seed}`;
    expect([batch, ...shape.slice(1)], `shape of ${where}`).toEqual(expected[i]!.shape);
    const wanted = (await expected[i]!.data()) as Float32Array;
    expect(relativeDifference(results[name]!, wanted), where).toBeLessThanOrEqual(1e-5);
  }
  await expectSavedRuns(session, feeds, results);
  tf.dispose([tensors, expected]);
  return session;
}

/** For layers that TensorFlow.js runs on tensors and not inside a model. @param x - a batch of 2 */
export async function expectLayerRuns(
  layer: tf.layers.Layer,
  shape: readonly number[],
  x: Float32Array,
  where: string,
): Promise<void> {
  const entry = { className: layer.getClassName(), name: 'y', config: layer.getConfig(), inputs: ['x'] };
  const session = await compile(layersArtifacts({ x: [...shape] }, [entry], ['y']));
  const expected = tf.tidy(() => layer.apply(tf.tensor(x, [2, ...shape])) as tf.Tensor);
  expect([2, ...session.outputs[0]!.shape.slice(1)], where).toEqual(expected.shape);
  const values = expected.dataSync() as Float32Array;
  expect(relativeDifference(session.run({ x }).y!, values), where).toBeLessThanOrEqual(1e-5);
  expected.dispose();
}

/** The same session from its file, so that every plan that a test makes is checked like a stranger's. */
async function expectSavedRuns(
  session: SparseSession,
  feeds: Record<string, Float32Array | Int32Array>,
  results: Readonly<Record<string, Float32Array | Int32Array>>,
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sparse-layers-'));
  try {
    await session.save(path.join(folder, 'plan.safetensors'));
    const loaded = await SparseSession.load(path.join(folder, 'plan.safetensors'));
    const again = loaded.run(feeds);
    for (const { name } of session.outputs) expect(bits(again[name]!), name).toBe(bits(results[name]!));
    loaded.dispose();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
