import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../lib/session/compile.ts';
import type { StepInfo } from '../../../lib/session/describe.ts';
import { patternedKernel, patterns } from '../../helpers/patterned-kernel.ts';
import { Random } from '../../helpers/random.ts';

/** One layer of every kind that has a prunable matrix, on inputs that it takes. */
const layers: Readonly<Record<string, () => tf.LayersModel>> = {
  Dense: () => tf.sequential({ layers: [tf.layers.dense({ units: 64, inputShape: [96] })] }),
  'Dense on a flattened map': () =>
    tf.sequential({
      layers: [
        tf.layers.averagePooling2d({ poolSize: 2, inputShape: [8, 12, 5] }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 40 }),
      ],
    }),
  'Dense on rows': () => tf.sequential({ layers: [tf.layers.dense({ units: 64, inputShape: [7, 96] })] }),
  Conv2D: () =>
    tf.sequential({
      layers: [tf.layers.conv2d({ filters: 48, kernelSize: 3, inputShape: [6, 5, 12] })],
    }),
  'Conv2D of one tap': () =>
    tf.sequential({
      layers: [tf.layers.conv2d({ filters: 48, kernelSize: 1, inputShape: [6, 5, 64] })],
    }),
  Conv1D: () =>
    tf.sequential({ layers: [tf.layers.conv1d({ filters: 40, kernelSize: 5, inputShape: [9, 16] })] }),
  SimpleRNN: () =>
    tf.sequential({
      layers: [tf.layers.simpleRNN({ units: 64, inputShape: [3, 72], recurrentInitializer: 'zeros' })],
    }),
  LSTM: () =>
    tf.sequential({
      layers: [tf.layers.lstm({ units: 48, inputShape: [3, 72], recurrentInitializer: 'zeros' })],
    }),
  GRU: () =>
    tf.sequential({
      layers: [tf.layers.gru({ units: 48, inputShape: [3, 72], recurrentInitializer: 'zeros' })],
    }),
};

/** Gives every kernel of the model values from `make`, a matrix [inputs, outputs] row-major. */
function setKernels(model: tf.LayersModel, make: (shape: [number, number]) => Float32Array): void {
  for (const weight of model.weights) {
    if (!weight.name.includes('kernel')) continue;
    const shape = weight.shape as number[];
    const outputs = shape.at(-1)!;
    const inputs = shape.slice(0, -1).reduce((a, b) => a * b, 1);
    weight.write(tf.tensor(make([inputs, outputs]), shape));
  }
}

async function productsOf(
  model: tf.LayersModel,
  make: (shape: [number, number]) => Float32Array,
): Promise<StepInfo[]> {
  setKernels(model, make);
  const session = await compile(model);
  const products = session.describe(4).steps.filter(({ structure }) => structure !== undefined);
  session.dispose();
  return products;
}

describe.each(Object.keys(layers))('the weights of %s', (name) => {
  it.each(patterns)('are said to be %s where they are, whoever pruned them', async (pattern) => {
    const random = new Random();
    const model = layers[name]!();
    for (const sparsity of [0.5, 0.75, 0.9]) {
      const products = await productsOf(model, (shape) => patternedKernel(random, shape, pattern, sparsity));
      expect(products.length).toBeGreaterThan(0);
      for (const { structure, reason, layer } of products) {
        const what = `SEED=${random.seed}, ${layer}, ${sparsity}: ${reason}`;
        expect(structure, what).toBe(pattern);
        expect(reason, what).toContain(` % zeros, ${pattern}: `);
      }
    }
    model.dispose();
  });
});

/** A kernel [inputs, outputs] that keeps `keep` of each `of` inputs of every output, at random; a shorter last group none. */
function nmKernel(random: Random, [inputs, outputs]: [number, number], keep: number, of: number) {
  const kernel = new Float32Array(inputs * outputs);
  for (let output = 0; output < outputs; output++)
    for (let first = 0; first + of <= inputs; first += of) {
      let left = keep;
      for (let i = 0; i < of; i++) {
        if (random.next() * (of - i) >= left) continue;
        left--;
        kernel[(first + i) * outputs + output] = 0.1 + random.next();
      }
    }
  return kernel;
}

/** Which whole inputs or outputs are kept: the first always, and never all. */
const keptOf = (random: Random, size: number) =>
  Array.from({ length: size }, (_, i) => i === 0 || (i > 1 && random.next() < 0.5));

describe.each(Object.keys(layers))('the pruned groups of %s', (name) => {
  it.each([
    [1, 2],
    [1, 4],
    [2, 4],
    [3, 8],
    [1, 16],
  ])('are said to be %i of %i', async (keep, of) => {
    const random = new Random();
    const model = layers[name]!();
    const products = await productsOf(model, (shape) => nmKernel(random, shape, keep, of));
    for (const { structure, reason } of products)
      expect(structure, `SEED=${random.seed}, ${reason}`).toBe(`${keep}:${of}`);
    model.dispose();
  });

  it.each(['input', 'output', 'input and output'] as const)(
    'are said to be whole where %s are',
    async (gone) => {
      const random = new Random();
      const model = layers[name]!();
      const products = await productsOf(model, ([inputs, outputs]) => {
        const all = (size: number) => Array.from({ length: size }, () => true);
        const rows = gone === 'output' ? all(inputs) : keptOf(random, inputs);
        const columns = gone === 'input' ? all(outputs) : keptOf(random, outputs);
        return Float32Array.from({ length: inputs * outputs }, (_, i) =>
          rows[Math.floor(i / outputs)] && columns[i % outputs] ? 0.5 + random.next() : 0,
        );
      });
      for (const { structure, reason } of products)
        expect(structure, `SEED=${random.seed}, ${reason}`).toBe(gone);
      model.dispose();
    },
  );
});

describe('the structure that describe finds', () => {
  const dense = layers.Dense!;
  const found = async (make: (shape: [number, number]) => Float32Array) =>
    (await productsOf(dense(), make)).map(({ structure }) => structure);

  it.each(['block 2', 'block 4', 'block 8'] as const)(
    'is %s also where some weights of the blocks are zero',
    async (pattern) => {
      const random = new Random();
      for (const sparsity of [0.5, 0.75, 0.9]) {
        const structures = await found((shape) =>
          // A fifth of the kept weights is lost, wherever they are.
          patternedKernel(random, shape, pattern, sparsity).map((v) => (random.next() < 0.2 ? 0 : v)),
        );
        expect(structures, `SEED=${random.seed}, ${sparsity}`).toEqual([pattern]);
      }
    },
  );

  it('is not balanced with one weight more or one less', async () => {
    const random = new Random();
    for (const isMore of [true, false]) {
      const structures = await found((shape) => {
        const kernel = patternedKernel(random, shape, 'balanced', 0.75);
        const place = kernel.findIndex((v) => (v === 0) === isMore);
        kernel[place] = isMore ? 1 : 0;
        return kernel;
      });
      expect(structures, `SEED=${random.seed}`).toEqual(['unstructured']);
    }
  });

  it('is no block where weights are pruned at random, and no more than the blocks that are there', async () => {
    const random = new Random();
    for (let i = 0; i < 10; i++) {
      const sparsity = random.pick([0.1, 0.5, 0.8, 0.9, 0.95]);
      const structures = await found((shape) => patternedKernel(random, shape, 'unstructured', sparsity));
      expect(structures, `SEED=${random.seed}, ${sparsity}`).toEqual(['unstructured']);
    }
  });

  it('is dense without zeros, of blocks where a weight is kept beside whole inputs, and nothing where all is gone', async () => {
    const random = new Random();
    const full = ([inputs, outputs]: [number, number]) =>
      Float32Array.from({ length: inputs * outputs }, () => 0.5 + random.next());
    expect(await found(full)).toEqual(['dense']);
    const withoutInputs = (shape: [number, number]) => full(shape).map((v, i) => (i % (3 * 64) < 64 ? 0 : v));
    expect(await found(withoutInputs)).toEqual(['input']);
    const oneMore = (shape: [number, number]) => withoutInputs(shape).map((v, i) => (i === 0 ? 1 : v));
    expect((await found(oneMore))[0]).toMatch(/^block /);
    expect(await found(([inputs, outputs]) => new Float32Array(inputs * outputs))).toEqual(['unstructured']);
  });

  it('is nothing for a step that is no product', async () => {
    const model = layers['Dense on a flattened map']!();
    const { steps } = (await compile(model)).describe();
    expect(steps.map(({ op, structure }) => [op, structure])).toEqual([
      ['pool', undefined],
      ['matmul', 'dense'],
    ]);
  });
});
