import { describe, expect, it } from 'vitest';
import { findWrappers } from '../../../lib/pruning/find-wrappers.ts';
import {
  afterStep,
  constantSparsity,
  cosineSparsity,
  type PruningSchedule,
  polynomialDecay,
  pruneLowMagnitude,
  updatePruningStep,
} from '../../../lib/pruning.ts';
import { tf } from './backends.ts';
import { data, smallModel, snapshot, zerosOf } from './models.ts';

const { x, y } = data(40);

function make(pruningSchedule: PruningSchedule) {
  const model = pruneLowMagnitude(smallModel(), { pruningSchedule });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  return model;
}
const options = (totalSteps?: number) => ({
  batchSize: 4,
  verbose: 0,
  callbacks: updatePruningStep({ totalSteps }),
});
const trainFor = (model: tf.LayersModel, epochs: number, totalSteps?: number) =>
  model.fit(x, y, { epochs, ...options(totalSteps) });

describe('updatePruningStep refuses, before the first step,', () => {
  const refused: [string, PruningSchedule, RegExp][] = [
    [
      'a first update that training never reaches',
      constantSparsity({ targetSparsity: 0.5 }),
      /prune nothing within the planned 20 steps \(2 epochs of 10\): its first update is at step 100\./,
    ],
    [
      'a begin that training never reaches',
      constantSparsity({ targetSparsity: 0.5, beginStep: 21 }),
      /is at step 21\./,
    ],
    [
      'an end that lies behind the training',
      polynomialDecay({ initialSparsity: 0, finalSparsity: 0.5, beginStep: 0, endStep: 30, frequency: 10 }),
      /never apply its final sparsity of 0\.5 .*at step 20.*endStep of at most 20, or train for at least 30 steps/,
    ],
    [
      'an end that no update hits',
      polynomialDecay({ initialSparsity: 0, finalSparsity: 0.5, beginStep: 0, endStep: 15, frequency: 10 }),
      /frequency that divides endStep - beginStep = 15/,
    ],
    [
      'the same of the other schedules',
      cosineSparsity({ finalSparsity: 0.5, beginStep: 2, endStep: 15, frequency: 2 }),
      /CosineSparsity .* divides endStep - beginStep = 13/,
    ],
    [
      'a schedule of the user that never fires',
      { at: () => ({ prune: false, sparsity: 0.5 }), getConfig: () => ({ className: 'Never', config: {} }) },
      /Never .*prune nothing/,
    ],
  ];
  it.each(refused)('%s', async (_what, schedule, message) => {
    const model = make(schedule);
    const before = snapshot(model);
    await expect(trainFor(model, 2)).rejects.toMatchObject({
      name: 'SparseError',
      code: 'ERR_SPARSE_SCHEDULE',
      message: expect.stringMatching(message),
    });
    expect(snapshot(model)).toEqual(before);
  });

  it('a model that is not pruned', async () => {
    const model = smallModel();
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await expect(trainFor(model, 1)).rejects.toMatchObject({
      code: 'ERR_SPARSE_MODEL',
      message: expect.stringMatching(/no pruned layer.*pruneLowMagnitude/),
    });
  });

  it('an option that it does not know', () => {
    expect(() => updatePruningStep({ total: 3 } as never)).toThrowError(/unknown option "total"/);
    expect(() => updatePruningStep({ totalSteps: 0 })).toThrowError(/totalSteps.*at least 1, received 0/);
  });
});

describe('updatePruningStep', () => {
  it('takes the last possible schedule', async () => {
    const model = make(
      polynomialDecay({ initialSparsity: 0, finalSparsity: 0.5, beginStep: 10, endStep: 20, frequency: 10 }),
    );
    await trainFor(model, 2);
    expect(zerosOf(model)).toEqual([24, 12]);
  });

  it('counts the steps of earlier calls of fit', async () => {
    const model = make(constantSparsity({ targetSparsity: 0.5, beginStep: 15 }));
    await expect(trainFor(model, 1)).rejects.toMatchObject({ code: 'ERR_SPARSE_SCHEDULE' });
    await trainFor(model, 1, 20);
    expect(zerosOf(model)).toEqual([0, 0]);
    await trainFor(model, 1);
    expect(zerosOf(model)).toEqual([24, 12]);
    // Done pruning: training goes on with the masks that there are.
    await trainFor(model, 1);
    expect(zerosOf(model)).toEqual([24, 12]);
    expect(findWrappers(model).map(({ pruningStep }) => pruningStep)).toEqual([30, 30]);
  });

  it('checks the steps of fitDataset where the data set knows its length', async () => {
    const rows = tf.data.zip({
      xs: tf.data.array(x.arraySync()),
      ys: tf.data.array(y.arraySync()),
    } as never) as tf.data.Dataset<tf.TensorContainer>;
    const late = make(constantSparsity({ targetSparsity: 0.5, beginStep: 11 }));
    const callbacks = updatePruningStep();
    await expect(late.fitDataset(rows.batch(4), { epochs: 1, verbose: 0, callbacks })).rejects.toMatchObject({
      code: 'ERR_SPARSE_SCHEDULE',
    });
    const model = make(constantSparsity({ targetSparsity: 0.5, beginStep: 10 }));
    await model.fitDataset(rows.batch(4), { epochs: 1, verbose: 0, callbacks: updatePruningStep() });
    expect(zerosOf(model)).toEqual([24, 12]);
  });

  it('stops a training whose schedule gives NaN', async () => {
    const model = make(
      polynomialDecay({ initialSparsity: 0.1, finalSparsity: 0.5, beginStep: 5, endStep: 5, frequency: 1 }),
    );
    await expect(trainFor(model, 1)).rejects.toMatchObject({
      code: 'ERR_SPARSE_SCHEDULE',
      message: expect.stringMatching(/at NaN.*greater than beginStep, or take constantSparsity/),
    });
    // A loop of batches has no plan to check.
    const byBatch = async () => {
      for (let step = 1; step <= 5; step++) await model.trainOnBatch(x, y);
    };
    await expect(byBatch()).rejects.toMatchObject({
      code: 'ERR_SPARSE_SCHEDULE',
      message: expect.stringMatching(/NaN for layer "d1".*constantSparsity/),
    });
  });

  it('is there in fit and fitDataset of a pruned model, where nobody gave it', async () => {
    const late = () => make(constantSparsity({ targetSparsity: 0.5, beginStep: 11 }));
    const rows = tf.data
      .zip({ xs: tf.data.array(x.arraySync()), ys: tf.data.array(y.arraySync()) } as never)
      .batch(4) as tf.data.Dataset<tf.TensorContainer>;
    const ends: number[] = [];
    const onEpochEnd = async (epoch: number) => void ends.push(epoch);
    const fit = { epochs: 1, batchSize: 4, verbose: 0 } as const;
    const refusal = { code: 'ERR_SPARSE_SCHEDULE' };
    await expect(late().fit(x, y, fit)).rejects.toMatchObject(refusal);
    await expect(late().fit(x, y, { ...fit, callbacks: { onEpochEnd } })).rejects.toMatchObject(refusal);
    await expect(late().fitDataset(rows, { epochs: 1, verbose: 0 })).rejects.toMatchObject(refusal);
    const model = make(constantSparsity({ targetSparsity: 0.5, beginStep: 10 }));
    const callbacks = [{ onEpochEnd }, { onEpochEnd }];
    await model.fit(x, y, { ...fit, callbacks });
    expect(zerosOf(model)).toEqual([24, 12]);
    expect(ends).toEqual([0, 0]);
    // Told of a longer training, it says nothing.
    await late().fit(x, y, { ...fit, callbacks: [updatePruningStep({ totalSteps: 11 })] });
  });

  it('may be driven by hand in a loop that has an optimizer of its own', async () => {
    const layers = [tf.layers.dense({ inputShape: [4], units: 3 })];
    const pruned = pruneLowMagnitude(tf.sequential({ layers }), {
      pruningSchedule: constantSparsity({ targetSparsity: 0.5, beginStep: 0, frequency: 1 }),
    });
    const callback = updatePruningStep();
    callback.setModel(pruned);
    await callback.onTrainBegin({});
    const input = tf.randomNormal([8, 4]);
    const optimizer = tf.train.adam(0.1);
    for (let step = 0; step < 3; step++) {
      const loss = () => (pruned.apply(input, { training: true }) as tf.Tensor).square().mean() as tf.Scalar;
      optimizer.minimize(loss);
      afterStep(pruned, optimizer);
    }
    const kernel = pruned.layers[0]!.getWeights()[0]!.dataSync();
    expect(kernel.filter((weight) => weight === 0)).toHaveLength(6);
  });

  it('names a schedule of the user that gives no answer', async () => {
    const broken = { at: () => undefined, getConfig: () => ({ className: 'Mine', config: {} }) };
    await expect(trainFor(make(broken as never), 1)).rejects.toMatchObject({
      code: 'ERR_SPARSE_SCHEDULE',
      message: expect.stringMatching(/at\(1\) returned nothing, expected \{ prune/),
    });
  });
});
