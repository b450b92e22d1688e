import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { io } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-node';
import { expect } from 'vitest';
import type { ArtifactsLike } from '../../lib/io/model-source.ts';
import { type CompileOptions, compile } from '../../lib/session/compile.ts';
import { SparseSession } from '../../lib/session/session.ts';
import type { Random } from './random.ts';
import { bits, relativeDifference } from './sessions.ts';

type Json = Record<string, unknown>;
type Dtype = 'float32' | 'int32' | 'bool';

const types = { float32: 'DT_FLOAT', int32: 'DT_INT32', bool: 'DT_BOOL' } as const;

/** Attributes as the converter writes them. */
export const attr = {
  integer: (value: number): Json => ({ i: String(value) }),
  number: (value: number): Json => ({ f: value }),
  boolean: (value: boolean): Json => ({ b: value }),
  text: (value: string): Json => ({ s: Buffer.from(value).toString('base64') }),
  type: (dtype: Dtype): Json => ({ type: types[dtype] }),
  integers: (...list: number[]): Json => ({ list: { i: list.map(String) } }),
  texts: (...list: string[]): Json => ({
    list: { s: list.map((text) => Buffer.from(text).toString('base64')) },
  }),
};

const shapeJson = (shape: readonly number[]) => ({ dim: shape.map((size) => ({ size: String(size) })) });

/** A GraphModel, node by node. */
export class TestGraph {
  readonly random: Random;
  private readonly nodes: Json[] = [];
  private readonly inputs: { name: string; shape: readonly number[]; dtype: Dtype }[] = [];
  private readonly specs: { name: string; shape: number[]; dtype: Dtype }[] = [];
  private readonly data: Uint8Array[] = [];

  constructor(random: Random) {
    this.random = random;
  }

  /** An input; -1 is the open batch. */
  input(name: string, shape: readonly number[], dtype: Dtype = 'float32'): string {
    this.inputs.push({ name, shape, dtype });
    this.nodes.push({
      name,
      op: 'Placeholder',
      attr: { dtype: attr.type(dtype), shape: { shape: shapeJson(shape) } },
    });
    return name;
  }

  floats(name: string, shape: number[], values = this.random.floats(size(shape), 0.5)): string {
    return this.weight(name, shape, 'float32', values);
  }

  ints(name: string, values: readonly number[], shape: number[] = [values.length]): string {
    return this.weight(name, shape, 'int32', Int32Array.from(values));
  }

  private weight(name: string, shape: number[], dtype: Dtype, values: Float32Array | Int32Array): string {
    this.specs.push({ name, shape, dtype });
    this.data.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    const value = { tensor: { dtype: types[dtype], tensorShape: shapeJson(shape) } };
    this.nodes.push({ name, op: 'Const', attr: { dtype: attr.type(dtype), value } });
    return name;
  }

  node(name: string, op: string, input: string[], attributes: Json = {}): string {
    this.nodes.push({ name, op, input, attr: { T: attr.type('float32'), ...attributes } });
    return name;
  }

  artifacts(outputs: readonly string[]): ArtifactsLike & io.ModelArtifacts {
    const info = (name: string, shape: readonly number[], dtype: Dtype) => [
      name,
      { name: `${name}:0`, dtype: types[dtype], tensorShape: shapeJson(shape) },
    ];
    return {
      format: 'graph-model',
      modelTopology: { node: this.nodes, versions: { producer: 1 }, library: {} },
      signature: {
        inputs: Object.fromEntries(this.inputs.map(({ name, shape, dtype }) => info(name, shape, dtype))),
        outputs: Object.fromEntries(outputs.map((name) => info(name, [-1], 'float32'))),
      },
      weightSpecs: this.specs,
      weightData: new Uint8Array(Buffer.concat(this.data)).buffer,
    };
  }

  /** Random values for the inputs: floats around 0, integers from 0 to 9. */
  feeds(
    batch: number,
    { inputShapes = {}, constants = {} }: CompileOptions = {},
  ): Record<string, { shape: number[]; dtype: Dtype; values: Float32Array | Int32Array }> {
    return Object.fromEntries(
      this.inputs.map(({ name, shape, dtype }) => {
        const full = (inputShapes[name] ?? shape).map((dim) => (dim === -1 || dim === null ? batch : dim));
        const constant = constants[name];
        if (constant !== undefined)
          return [name, { shape: full, dtype, values: Float32Array.from([constant].flat()) }];
        const values =
          dtype === 'float32'
            ? this.random.floats(size(full), 1.5)
            : Int32Array.from({ length: size(full) }, () => this.random.integer(0, dtype === 'bool' ? 1 : 9));
        return [name, { shape: full, dtype, values }];
      }),
    );
  }
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Graphs with control flow, or sizes that the run finds, run only asynchronously. */
async function executeAny(
  model: tf.GraphModel,
  tensors: Record<string, tf.Tensor>,
  outputs: string[],
): Promise<tf.Tensor | tf.Tensor[]> {
  const dynamic = /^(Switch|Merge|Exit|Where|NonMaxSuppression.*|Tensor(Array|List).*)$/;
  const nodes = (model as unknown as { artifacts: { modelTopology: { node: { op: string }[] } } }).artifacts;
  const isDynamic = nodes.modelTopology.node.some(({ op }) => dynamic.test(op));
  return isDynamic ? model.executeAsync(tensors, outputs) : model.execute(tensors, outputs);
}

/** The same session from its file, so that every plan that a test makes is checked like a stranger's. */
async function throughFile(session: SparseSession): Promise<SparseSession> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sparse-graph-'));
  try {
    await session.save(path.join(folder, 'plan.safetensors'));
    return await SparseSession.load(path.join(folder, 'plan.safetensors'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Compiles a graph, runs it and expects what TensorFlow.js's executor gives: shapes and integers exactly, floats to 1e-5 of
 * their magnitude.
 *
 * @param batch - for inputs that leave it open
 * @param options - `constants` are fed to TensorFlow.js too, `inputShapes` give the shapes of the values
 */
export async function expectGraphRuns(
  graph: TestGraph,
  outputs: readonly string[],
  batch = 3,
  tolerance = 1e-5,
  options: CompileOptions = {},
): Promise<SparseSession> {
  const artifacts = graph.artifacts(outputs);
  const session = await compile(artifacts, options);
  const fixed = session.inputs.some(({ shape }) => shape.includes(null)) ? batch : undefined;
  const feeds = graph.feeds(fixed ?? 1, options);
  const model = await tf.loadGraphModel(tf.io.fromMemory(artifacts));
  const tensors = Object.fromEntries(
    Object.entries(feeds).map(([name, { values, shape, dtype }]) => [name, tf.tensor(values, shape, dtype)]),
  );
  const expected = [await executeAny(model, tensors, [...outputs])].flat();
  const given = Object.entries(feeds).filter(([name]) => session.inputs.some((input) => input.name === name));
  const values = Object.fromEntries(given.map(([name, feed]) => [name, feed.values]));
  const results = session.run(values);
  for (const [i, name] of outputs.entries()) {
    const { shape, dtype } = session.outputs[i]!;
    expect(
      shape.map((dim, axis) => dim ?? (fixed === undefined ? expected[i]!.shape[axis]! : batch)),
      `shape of ${name}`,
    ).toEqual(expected[i]!.shape);
    const wanted = await expected[i]!.data();
    const where = `${name}, SEED=${graph.random.seed}`;
    // A session gives bools as int32.
    const sameDtype = expected[i]!.dtype === 'bool' ? 'int32' : expected[i]!.dtype;
    expect(dtype, `dtype of ${where}`).toBe(sameDtype);
    expect(results[name]!.length, `length of ${where}`).toBe(wanted.length);
    if (dtype === 'int32') expect([...results[name]!], where).toEqual([...wanted]);
    else
      expect(relativeDifference(results[name]!, wanted as Float32Array), where).toBeLessThanOrEqual(
        tolerance,
      );
  }
  const loaded = await throughFile(session);
  const again = loaded.run(values);
  for (const name of outputs)
    expect(bits(again[name]!), `${name} of the saved session`).toBe(bits(results[name]!));
  tf.dispose([tensors, expected]);
  model.dispose();
  return session;
}
