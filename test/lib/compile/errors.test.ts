import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { lowerModel } from '../../../lib/compile/lower-model.ts';
import { SparseError, UnsupportedLayerError } from '../../../lib/errors.ts';
import type { ModelSource } from '../../../lib/io/model-source.ts';
import { artifactsOf, type Json, rewrite } from '../../helpers/artifacts.ts';
import { articleCnn, nestedModel, sharedModel } from '../../helpers/models.ts';

async function errorOf(source: unknown): Promise<SparseError> {
  const error = await lowerModel(source as ModelSource).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(SparseError);
  return error as SparseError;
}

/** Artifacts of a model with its topology rewritten, the innermost objects first. */
async function edited(model: tf.LayersModel, change: (object: Json) => unknown) {
  const artifacts = await artifactsOf(model);
  return { ...artifacts, modelTopology: rewrite(artifacts.modelTopology, change) as object };
}

describe('compile refuses', () => {
  it('all that is unsupported in a model, in one list', async () => {
    const input = tf.input({ shape: [8, 8, 2], name: 'image' });
    const apply = (layer: tf.layers.Layer, x: tf.SymbolicTensor) => layer.apply(x) as tf.SymbolicTensor;
    const first = tf.layers.conv2d({ name: 'a', filters: 2, kernelSize: 1, dataFormat: 'channelsFirst' });
    const pooled = apply(
      tf.layers.globalAveragePooling2d({ name: 'pool', dataFormat: 'channelsFirst' }),
      apply(first, input),
    );
    const deep = apply(tf.layers.reshape({ targetShape: [2, 4, 4, 4] }), input);
    const volume = apply(tf.layers.conv3d({ name: 'b', filters: 2, kernelSize: 2 }), deep);
    const other = tf.layers.depthwiseConv2d({ name: 'c', kernelSize: 2, dilationRate: 2 });
    const error = await errorOf(tf.model({ inputs: input, outputs: [pooled, volume, apply(other, input)] }));
    expect(error).toBeInstanceOf(UnsupportedLayerError);
    expect(error.code).toBe('ERR_SPARSE_UNSUPPORTED_LAYER');
    const { layers } = error as UnsupportedLayerError;
    expect(layers.map(({ name, className }) => `${className} ${name}`).sort()).toEqual([
      'Conv2D a',
      'Conv3D b',
      'DepthwiseConv2D c',
      'GlobalAveragePooling2D pool',
    ]);
    for (const { advice } of layers) expect(advice).toMatch(/accelerate\(\)|rebuild the model/);
    expect(error.message).toMatch(/^compile: 4 layers cannot be compiled:\n/);
    expect(error.message).toContain('Conv2D "a": dataFormat "channelsFirst" is not compiled; rebuild');
  });

  it('a layer in a nested model once, by its path, however often the model is called', async () => {
    const artifacts = await edited(nestedModel(), (object) =>
      object.class_name === 'LeakyReLU' ? { ...object, class_name: 'GroupNormalization' } : object,
    );
    const error = (await errorOf(artifacts)) as UnsupportedLayerError;
    expect(error.layers.map((layer) => layer.name)).toEqual(['encoder/block/block_leak']);
  });

  it.each<[string, (config: Json) => Json, RegExp]>([
    ['channels first', (config) => ({ ...config, data_format: 'channels_first' }), /channelsFirst/],
    ['groups', (config) => ({ ...config, groups: 2 }), /groups = 2/],
    ['causal padding', (config) => ({ ...config, padding: 'causal' }), /padding "causal"/],
    ['an unknown activation', (config) => ({ ...config, activation: 'swoosh' }), /activation "swoosh"/],
  ])('%s of a Conv2D', async (_, change, message) => {
    const artifacts = await edited(articleCnn(), (object) =>
      object.class_name === 'Conv2D' ? { ...object, config: change(object.config as Json) } : object,
    );
    const error = await errorOf(artifacts);
    expect(error.code).toBe('ERR_SPARSE_UNSUPPORTED_LAYER');
    expect(error.message).toMatch(message);
  });

  it.each<[string, unknown]>([
    ['zero', 0],
    ['a fraction', 1.5],
    ['a string', '3'],
    ['three numbers', [3, 3, 3]],
    ['nothing', null],
  ])('a kernel size that is %s', async (_, kernel_size) => {
    const artifacts = await edited(articleCnn(), (object) =>
      'kernel_size' in object ? { ...object, kernel_size } : object,
    );
    const error = await errorOf(artifacts);
    expect(error).toMatchObject({ code: 'ERR_SPARSE_MODEL', tensor: 'kernelSize' });
    expect(error.message).toMatch(/expected one or two positive integers/);
  });

  it('a weight of another shape, naming the layer, the expected and the received one', async () => {
    const artifacts = await artifactsOf(articleCnn());
    const weightSpecs = artifacts.weightSpecs!.map((spec) =>
      spec.name.endsWith('/kernel') && spec.shape.length === 2 ? { ...spec, shape: [1014, 20] } : spec,
    );
    const error = await errorOf({ ...artifacts, weightSpecs });
    expect(error).toMatchObject({
      code: 'ERR_SPARSE_SHAPE',
      layer: expect.stringContaining('dense'),
      tensor: 'kernel',
      expected: [2028, 10],
      received: [1014, 20],
    });
    expect(error.message).toMatch(
      /has shape \[1014, 20\], expected \[2028, 10\]\. Was the layer before it replaced\?$/,
    );
  });

  it('a missing weight, a weight of another dtype and a model without any', async () => {
    const artifacts = await artifactsOf(articleCnn());
    const renamed = artifacts.weightSpecs!.map((spec) => ({ ...spec, name: spec.name.replace('bias', 'b') }));
    expect(await errorOf({ ...artifacts, weightSpecs: renamed })).toMatchObject({
      code: 'ERR_SPARSE_MODEL',
      tensor: 'bias',
      message: expect.stringContaining('is missing: no weight is named'),
    });
    const integers = artifacts.weightSpecs!.map((spec) => ({ ...spec, dtype: 'int32' }));
    expect(await errorOf({ ...artifacts, weightSpecs: integers })).toMatchObject({
      code: 'ERR_SPARSE_DTYPE',
      expected: 'float32',
      received: 'int32',
    });
    expect(await errorOf({ modelTopology: artifacts.modelTopology })).toMatchObject({
      code: 'ERR_SPARSE_MODEL',
      message: expect.stringMatching(/the model has no weights at all\. Build it first/),
    });
  });

  it('a live model that is not built, and one that was disposed', async () => {
    expect(await errorOf(tf.sequential())).toMatchObject({
      code: 'ERR_SPARSE_MODEL',
      message: expect.stringMatching(/at least one layer \(is the model built\?\)/),
    });
    const disposed = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [2] })] });
    disposed.dispose();
    expect(await errorOf(disposed)).toMatchObject({ code: 'ERR_SPARSE_MODEL' });
  });

  it('two layers of one name in nested models, whose weights cannot be told apart', async () => {
    const part = (name: string) =>
      tf.sequential({ name, layers: [tf.layers.dense({ units: 2, inputShape: [2], name: 'same' })] });
    const error = await errorOf(tf.sequential({ layers: [part('a'), part('b')] }));
    expect(error).toMatchObject({ code: 'ERR_SPARSE_MODEL', tensor: 'same/kernel' });
    expect(error.message).toMatch(/Give the layers of nested models names of their own/);
  });

  it.each([[undefined], [null], [7], [[]], [{}], [Promise.resolve()]])('%s as a model', async (source) => {
    expect(await errorOf(source)).toMatchObject({ code: 'ERR_SPARSE_ARGUMENT', tensor: 'model' });
  });

  it('an input of unknown size', async () => {
    const input = tf.input({ shape: [null, 3], name: 'tokens' });
    const model = tf.model({
      inputs: input,
      outputs: tf.layers.dense({ units: 2 }).apply(input) as tf.SymbolicTensor,
    });
    const error = await errorOf(model);
    expect(error).toMatchObject({ code: 'ERR_SPARSE_MODEL', layer: 'tokens' });
    expect(error.message).toMatch(
      /shape \[null, null, 3\]: only the batch may be unknown, axis 1 is as well/,
    );
  });

  it('a window larger than its input and a map where a vector comes', async () => {
    const artifacts = await edited(articleCnn(), (object) =>
      'pool_size' in object ? { ...object, pool_size: [40, 2] } : object,
    );
    expect(await errorOf(artifacts)).toMatchObject({ code: 'ERR_SPARSE_SHAPE', received: [26, 26] });
    const flat = await edited(articleCnn(), (object) =>
      object.class_name === 'MaxPooling2D' ? { class_name: 'Flatten', config: { name: 'f' } } : object,
    );
    const pooled = rewrite(flat, (object) =>
      object.class_name === 'Flatten' && (object.config as Json).name !== 'f'
        ? { class_name: 'MaxPooling2D', config: { name: 'late' } }
        : object,
    ) as Json;
    const error = await errorOf({ ...flat, modelTopology: pooled.modelTopology });
    expect(error).toMatchObject({ code: 'ERR_SPARSE_SHAPE', layer: 'late' });
  });
});

describe('compile refuses a topology', () => {
  const node = (layer: string, call = 0, tensor = 0) => [[[layer, call, tensor, {}]]];
  const input = {
    class_name: 'InputLayer',
    name: 'in',
    config: { name: 'in', batch_input_shape: [null, 2] },
    inbound_nodes: [],
  };
  const relu = (name: string, inbound_nodes: unknown) => ({
    class_name: 'ReLU',
    name,
    config: { name },
    inbound_nodes,
  });
  const model = (layers: unknown[], output = 'b') => ({
    modelTopology: {
      class_name: 'Model',
      config: { name: 'm', layers, input_layers: [['in', 0, 0]], output_layers: [[output, 0, 0]] },
    },
    weightSpecs: [],
  });

  it.each<[string, unknown, RegExp]>([
    ['with a cycle', model([input, relu('a', node('b')), relu('b', node('a'))]), /has a cycle: layer "b"/],
    ['with a layer that reads itself', model([input, relu('b', node('b'))]), /has a cycle/],
    [
      'that names a missing layer',
      model([input, relu('b', node('gone'))]),
      /references to its own layers.*"gone"/,
    ],
    ['that names a missing output layer', model([input], 'gone'), /references to its own layers/],
    [
      'that names a missing call',
      model([input, relu('b', node('in', 3))]),
      /the 1 calls of layer "in".*call 3/,
    ],
    [
      'that names a missing output',
      model([input, relu('b', node('in', 0, 2))]),
      /references to its 1 outputs/,
    ],
    [
      'with two layers of one name',
      model([input, relu('b', node('in')), relu('b', node('in'))]),
      /names of their own/,
    ],
    ['with a layer that reads nothing', model([input, relu('b', [[]])]), /called with 0 inputs, expected 1/],
    [
      'with a reference that is none',
      model([input, relu('b', [[['in']]])]),
      /expected \[layer, call, tensor\]/,
    ],
    ['without a class', { modelTopology: { config: {} } }, /a class_name/],
    [
      'of a class that is no model',
      { modelTopology: { class_name: 'Dense', config: {} } },
      /Sequential, Functional/,
    ],
    [
      'without layers',
      { modelTopology: { class_name: 'Sequential', config: { layers: [] } } },
      /at least one layer/,
    ],
    ['without an object', { modelTopology: 'text', weightSpecs: [] }, /expected an object/],
    [
      'without an input shape',
      { modelTopology: { class_name: 'Sequential', config: { layers: [relu('a', [])] } } },
      /an input shape on its first layer/,
    ],
  ])('%s', async (_, source, message) => {
    const error = await errorOf(source);
    expect(error.code).toBe('ERR_SPARSE_MODEL');
    expect(error.message).toMatch(message);
  });

  it('nested without end', async () => {
    let config: unknown = { class_name: 'ReLU', config: { name: 'r', batch_input_shape: [null, 2] } };
    for (let i = 0; i < 5000; i++)
      config = { class_name: 'Sequential', config: { name: `s${i}`, layers: [config] } };
    expect((await errorOf({ modelTopology: config })).message).toMatch(/at most 64 levels/);
  });

  it('of ten thousand layers only where something is wrong: a deep one is read', async () => {
    const layers = [input, relu('l0', node('in'))];
    for (let i = 1; i < 10_000; i++) layers.push(relu(`l${i}`, node(`l${i - 1}`)));
    const plan = await lowerModel(model(layers, 'l9999'));
    // One clamp after the other is one clamp.
    expect(plan.steps.length).toBe(1);
  });

  it('whose shared layer is called and stays readable', async () => {
    const artifacts = await artifactsOf(sharedModel());
    expect((await lowerModel(artifacts)).outputs.length).toBe(3);
  });
});
