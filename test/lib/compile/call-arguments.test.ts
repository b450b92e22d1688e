import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { UnsupportedLayerError } from '../../../lib/errors.ts';
import { kerasOperations } from '../../../lib/layers/keras-operations.ts';
import { tfFunctions } from '../../../lib/layers/tf-functions.ts';
import { compile } from '../../../lib/session/compile.ts';
import { rejection } from '../../helpers/sessions.ts';

type Json = Record<string, unknown>;

const tensor = (layer: string) => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, 3], dtype: 'float32', keras_history: [layer, 0, 0] },
});

/** x [4, 3] through one layer of Keras 3, called on x with more arguments. */
function keras3(className: string, config: Json, kwargs: Json, args: unknown[] = [tensor('x')]) {
  const layers = [
    {
      class_name: 'InputLayer',
      name: 'x',
      config: { name: 'x', batch_shape: [null, 4, 3] },
      inbound_nodes: [],
    },
    { class_name: className, name: 'y', config: { name: 'y', ...config }, inbound_nodes: [{ args, kwargs }] },
  ];
  const model = { name: 'm', layers, input_layers: ['x', 0, 0], output_layers: ['y', 0, 0] };
  const modelTopology = {
    keras_version: '3.10.0',
    model_config: { class_name: 'Functional', config: model },
  };
  return { modelTopology, weightSpecs: [] };
}

const adviceFor = async (artifacts: object) =>
  ((await rejection(compile(artifacts as never))) as UnsupportedLayerError).layers[0]?.advice;

const layer = { trainable: true, dtype: 'float32' };

describe('what a layer is called with', () => {
  it('may say training: false, or give no mask', async () => {
    const session = await compile(keras3('Dropout', layer, { training: false, mask: null }));
    expect(session.run(new Float32Array(12).fill(3))).toEqual(new Float32Array(12).fill(3));
  });

  it('is refused where it changes what the layer computes', async () => {
    expect(await adviceFor(keras3('Dropout', layer, { training: true }))).toMatch(/training: true/);
    expect(await adviceFor(keras3('GlobalAveragePooling1D', layer, { mask: tensor('x') }))).toMatch(
      /the argument "mask" of its call/,
    );
  });

  it('are numbers too where Keras 3 writes an operation, which may have the name of a layer', async () => {
    const session = await compile(keras3('Multiply', {}, {}, [tensor('x'), 2]));
    expect(session.run(new Float32Array(12).fill(3))).toEqual(new Float32Array(12).fill(6));
    expect(await adviceFor(keras3('Softmax', { axis: 1 }, {}))).toMatch(/axis = 1 is not compiled/);
    expect(await adviceFor(keras3('Add', {}, {}, [tensor('x'), 'y']))).toMatch(/y = "y" is not compiled/);
  });

  it('does not nest without end', async () => {
    let args: unknown = tensor('x');
    for (let i = 0; i < 5000; i++) args = [args];
    const error = await rejection(compile(keras3('ReLU', layer, {}, args as unknown[])));
    expect(error).toMatchObject({ code: 'ERR_SPARSE_MODEL' });
  });
});

describe('a function of TensorFlow', () => {
  const call = (name: string, named: Json) => {
    const layers = [
      {
        class_name: 'InputLayer',
        name: 'x',
        config: { name: 'x', batch_input_shape: [null, 3] },
        inbound_nodes: [],
      },
      {
        class_name: 'TFOpLambda',
        name: 'y',
        config: { name: 'y', ...layer, function: name },
        inbound_nodes: [['x', 0, 0, named]],
      },
    ];
    const config = { name: 'm', layers, input_layers: [['x', 0, 0]], output_layers: [['y', 0, 0]] };
    return {
      modelTopology: { keras_version: '2.15.0', model_config: { class_name: 'Functional', config } },
      weightSpecs: [],
    };
  };

  it('that is not compiled is named', async () => {
    expect(await adviceFor(call('signal.fft', {}))).toMatch(/the function tf\.signal\.fft is not compiled/);
    expect(await adviceFor(call('cast', { dtype: 'int32' }))).toMatch(/dtype = "int32" is not compiled/);
    expect(await adviceFor(call('toString', {}))).toMatch(/tf\.toString is not compiled/);
  });

  it('takes numbers', async () => {
    const session = await compile(call('math.multiply', { y: [1, 2, 3] }));
    expect(session.run(Float32Array.of(1, 1, 1))).toEqual(Float32Array.of(1, 2, 3));
  });
});

describe('the page about compiling', () => {
  const page = readFileSync(new URL('../../../docs/compiling.md', import.meta.url), 'utf8');
  const section = page.slice(page.indexOf('\n## Keras\n'), page.indexOf('\n## Where frameworks'));
  const words = new Set(section.match(/[\w.]+/g));
  const snake = (name: string) => name.replace(/(.)([A-Z])/g, '$1_$2').toLowerCase();

  it('lists every function of TensorFlow that compiles', () => {
    const names = tfFunctions.filter((name) => !/__operators__|^compat/.test(name));
    for (const name of names) {
      const [, module, last = name] = /^(math|nn)\.(.*)$/.exec(name) ?? [];
      expect(words.has(last) && (module === undefined || words.has(`${module}.`)), name).toBe(true);
    }
  });

  it('lists every operation of Keras 3 that compiles', () => {
    const signs = ['Add', 'Subtract', 'Multiply', 'Divide', 'TrueDivide', 'Power', 'GetItem'];
    for (const name of kerasOperations.filter((one) => !signs.includes(one)))
      expect(words.has(snake(name)), name).toBe(true);
  });
});
