import { readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import {
  constantSparsity,
  keepRewindPoint,
  loadTrainingState,
  polynomialDecay,
  prune,
  rewindWeights,
  saveTrainingState,
  stripPruning,
  withMasks,
} from '../../../../lib/pruning.ts';
import { temporaryFolder } from '../../../helpers/temp-folder.ts';
import { onEveryBackend, tf } from '../backends.ts';
import { data, prunedWeights, smallModel, snapshot } from '../models.ts';

const at = temporaryFolder();
const schedule = () =>
  polynomialDecay({
    initialSparsity: 0.25,
    finalSparsity: 0.75,
    beginStep: 1,
    endStep: 6,
    power: 1,
    frequency: 1,
  });
const optimizers: Record<string, () => tf.Optimizer> = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  adam: () => tf.train.adam(0.01),
  rmsprop: () => tf.train.rmsprop(0.01, 0.9, 0.9),
  adagrad: () => tf.train.adagrad(0.1),
  adadelta: () => tf.train.adadelta(0.1),
  adamax: () => tf.train.adamax(0.01),
};

async function train(model: tf.LayersModel, steps: number): Promise<void> {
  const { x, y } = data(8);
  for (let step = 0; step < steps; step++) await model.trainOnBatch(x, y);
}
function made(optimizer = tf.train.adam(0.01) as tf.Optimizer, given: tf.LayersModel = smallModel()) {
  const model = prune(given, { schedule: schedule(), scope: 'global' });
  model.compile({ optimizer, loss: 'meanSquaredError' });
  return model;
}
const masksOf = (model: tf.LayersModel) => prunedWeights(model).map((weight) => [...weight.readMask()]);

onEveryBackend((backend) => {
  it.each(Object.entries(optimizers))('goes on bit for bit with %s', async (name, make) => {
    const whole = made(make());
    await train(whole, 6);
    const first = made(make());
    await train(first, 3);
    const file = at(`${backend}-${name}.safetensors`);
    await saveTrainingState(first, file, { extra: { epoch: 3 } });
    const second = made(make());
    const tensors = tf.memory().numTensors;
    expect(await loadTrainingState(second, file)).toEqual({ step: 3, extra: { epoch: 3 } });
    expect(masksOf(second)).toEqual(masksOf(first));
    expect(second.optimizer.iterations).toBe(first.optimizer.iterations);
    await train(second, 3);
    expect(snapshot(second)).toEqual(snapshot(whole));
    // Loading again leaves no tensors.
    const held = tf.memory().numTensors;
    await loadTrainingState(second, file);
    expect(tf.memory().numTensors).toBe(held);
    expect(held).toBeGreaterThanOrEqual(tensors);
  });
});

describe('a training state', () => {
  it('keeps the rewind point, under the present masks', async () => {
    const model = made();
    const before = snapshot(model).slice(0, 4);
    keepRewindPoint(model);
    await train(model, 4);
    await saveTrainingState(model, at('rewind.safetensors'));
    const again = made();
    await loadTrainingState(again, at('rewind.safetensors'));
    rewindWeights(again);
    const masks = masksOf(again);
    const expected = [
      before[0]!.map((value, i) => value * masks[0]![i]!),
      before[1],
      before[2]!.map((value, i) => value * masks[1]![i]!),
      before[3],
    ];
    const now = again.layers.flatMap((layer) => layer.getWeights()).map((weight) => [...weight.dataSync()]);
    expect(now.map((values) => values.map((value) => value + 0))).toEqual(
      expected.map((values) => values!.map((value) => value + 0)),
    );
    expect(() => rewindWeights(smallModel())).toThrowError(
      expect.objectContaining({ code: 'ERR_SPARSE_MODEL' }),
    );
  });

  it('stands beside a model.json that plain TensorFlow.js opens', async () => {
    const model = made();
    await train(model, 2);
    const plain = stripPruning(model);
    await plain.save(`file://${at('beside')}`);
    await saveTrainingState(model, at('beside', 'training.safetensors'));
    expect((await readdir(at('beside'))).sort()).toEqual([
      'model.json',
      'training.safetensors',
      'weights.bin',
    ]);
    const opened = await tf.loadLayersModel(`file://${at('beside', 'model.json')}`);
    expect(snapshot(opened)).toEqual(snapshot(plain));
    // The training goes on from the opened model, too.
    const resumed = made(tf.train.adam(0.01), opened);
    await loadTrainingState(resumed, at('beside', 'training.safetensors'));
    await train(resumed, 2);
    await train(model, 2);
    expect(snapshot(resumed)).toEqual(snapshot(model));
  });

  it('of a custom loop keeps the loop’s optimizer', async () => {
    const loop = (model: tf.LayersModel, optimizer: tf.Optimizer, steps: number) => {
      const { x, y } = data(8);
      for (let step = 0; step < steps; step++) {
        optimizer.minimize(() =>
          tf.losses.meanSquaredError(y, model.apply(x, { training: true }) as tf.Tensor).asScalar(),
        );
      }
    };
    const config = { schedule: constantSparsity({ targetSparsity: 0.5, frequency: 1 }) };
    const [model, optimizer] = [prune(smallModel(), config), tf.train.adam(0.01)];
    loop(model, optimizer, 3);
    await saveTrainingState(model, at('loop.safetensors'), { optimizer });
    const [again, fresh] = [prune(smallModel(), config), tf.train.adam(0.01)];
    await loadTrainingState(again, at('loop.safetensors'), { optimizer: fresh });
    loop(model, optimizer, 2);
    loop(again, fresh, 2);
    expect(snapshot(again)).toEqual(snapshot(model));
  });

  const refusals: [string, () => tf.LayersModel, string, RegExp][] = [
    [
      'a model of other shapes',
      () =>
        made(
          undefined,
          tf.sequential({
            layers: [
              tf.layers.dense({ name: 'd1', units: 4, inputShape: [6] }),
              tf.layers.dense({ name: 'd2', units: 3 }),
            ],
          }),
        ),
      'ERR_SPARSE_MODEL',
      /another model.*"d1\/kernel" is \[6,8\], not \[6,4\]/,
    ],
    [
      'a model of other layers',
      () =>
        made(
          undefined,
          tf.sequential({ layers: [tf.layers.dense({ name: 'e1', units: 8, inputShape: [6] })] }),
        ),
      'ERR_SPARSE_MODEL',
      /no weight "e1\/kernel"/,
    ],
    [
      'a model that is pruned elsewhere',
      () => withMasks(smallModel(), new Map([['d1/kernel', new Uint8Array(48)]])),
      'ERR_SPARSE_MODEL',
      /prunes \[d1\/kernel, d2\/kernel\], this one \[d1\/kernel\]/,
    ],
    [
      'another optimizer',
      () => made(tf.train.momentum(0.1, 0.9)),
      'ERR_SPARSE_FILE',
      /optimizer Adam, received Momentum/,
    ],
  ];
  it.each(refusals)('refuses %s, which stays as it was', async (_what, make, code, message) => {
    const source = made();
    await train(source, 2);
    await saveTrainingState(source, at('refused.safetensors'));
    const model = make();
    const before = snapshot(model);
    await expect(loadTrainingState(model, at('refused.safetensors'))).rejects.toMatchObject({
      name: 'SparseError',
      code,
      message: expect.stringMatching(message),
    });
    expect(snapshot(model)).toEqual(before);
  });

  it('refuses a file that is missing, cut, of another kind or of a newer version', async () => {
    const model = made();
    await saveTrainingState(model, at('whole.safetensors'));
    const bytes = await readFile(at('whole.safetensors'));
    const files: [string, Uint8Array][] = [
      ['cut', bytes.subarray(0, bytes.length - 9)],
      ['head', bytes.subarray(0, 100)],
      [
        'other',
        Buffer.from(
          bytes.toString('latin1').replace('tfjs-sparse-training-state', 'tfjs-sparse-training-stuff'),
          'latin1',
        ),
      ],
      ['newer', Buffer.from(bytes.toString('latin1').replace('"version":"1"', '"version":"9"'), 'latin1')],
    ];
    const before = snapshot(model);
    await expect(loadTrainingState(model, at('none.safetensors'))).rejects.toMatchObject({
      code: 'ERR_SPARSE_FILE',
    });
    for (const [name, content] of files) {
      await writeFile(at(name), content);
      await expect(loadTrainingState(model, at(name)), name).rejects.toMatchObject({
        code: 'ERR_SPARSE_FILE',
      });
    }
    expect(snapshot(model)).toEqual(before);
    await expect(saveTrainingState(model, at('no', 'such', 'folder'))).rejects.toMatchObject({
      code: 'ERR_SPARSE_FILE',
    });
    await expect(saveTrainingState(model, 7 as never)).rejects.toMatchObject({ code: 'ERR_SPARSE_ARGUMENT' });
  });
});
