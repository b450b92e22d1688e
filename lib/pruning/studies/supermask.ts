import { randomOrder, seededRandom } from '../../sparse/random.ts';
import { mask0Values } from '../mask-actions.ts';
import { rescaleMultiplier, signedConstant } from '../signed-constant.ts';
import { evaluate, type Quality } from './evaluate.ts';
import { LearnedMasks, likelyMasks } from './learned-masks.ts';
import { chosenWeights, countMasks, levelMasks, type MaskedCount } from './level-masks.ts';
import type { WeightValues } from './model-weights.ts';
import {
  allKept,
  compiledCopy,
  defaultBatchSize,
  disposeCopy,
  type Masks,
  measureCopy,
  type OpenTraining,
  openTraining,
} from './open-training.ts';
import { packArrays, unpackWeights } from './packed-arrays.ts';
import { pruningIdentity } from './pruning-options.ts';
import {
  checkSupermask,
  type HeuristicSupermaskOptions,
  type LearnedSupermaskOptions,
  type SupermaskOptions,
} from './supermask-options.ts';
import { type TrainingPoint, trainOn } from './train.ts';
import { trainUnit } from './train-unit.ts';

/** A measurement while the network, or the scores of its mask, are trained. */
export interface SupermaskPoint extends TrainingPoint {
  /** Tells it from the other records. */ type: 'point';
}

/** A network that was measured. */
export interface SupermaskResult extends Quality {
  /** Tells it from the other records. */ type: 'result';
  /** As given; trained (heuristic only); untrained under the supermask; untrained under a random mask of its counts. */
  branch: 'untrained' | 'trained' | 'supermask' | 'randomMask';
  /** Fraction of zeros in the mask; of learned masks: of weights more likely pruned than kept. */ sparsity: number;
  /** By `layer/weight`. */ weights: Record<string, MaskedCount>;
  /** By `layer/weight`, 1 = keep; all ones without a mask. */ masks: Masks;
  /** Of learned masks: the qualities of the masks that were drawn, whose mean this result gives. */ drawn?: Quality[];
  /** Of learned masks: by `layer/weight`. */ scores?: WeightValues;
}

/** What {@link supermask} reports. */
export type SupermaskRecord = SupermaskPoint | SupermaskResult;

const name = 'supermask';

/** The weights that are masked. */
function baseWeights(open: OpenTraining, options: SupermaskOptions): Map<string, Float32Array> {
  const values = new Map(open.initial);
  if (options.weights !== 'signedConstant') return values;
  const multiplier = options.method === 'learned' ? options.multiplier : undefined;
  for (const { key } of chosenWeights(open, options)) {
    values.set(key, signedConstant(values.get(key)!, multiplier).weights);
  }
  return values;
}

/** The untrained network under masks: survivors at their base value, pruned weights as `pruned` says. */
function maskedWeights(
  open: OpenTraining,
  options: HeuristicSupermaskOptions,
  base: WeightValues,
  trained: WeightValues,
  masks: Masks,
): WeightValues {
  const { pruned = 'zero', rescale = false } = options;
  const values = new Map(base);
  for (const [key, mask] of masks) {
    const [initial, final] = [open.initial.get(key)!, trained.get(key)!];
    const random = seededRandom(open.run.seedOf('pruned', key));
    const frozen = mask0Values(pruned, { initial, final, mask }, random);
    const factor = rescale ? rescaleMultiplier(mask) : 1;
    const kept = base.get(key)!;
    // A zero that the action puts on a survivor stays.
    values.set(
      key,
      frozen.map((value, i) => (mask[i] === 0 || value === 0 ? value : kept[i]! * factor)),
    );
  }
  return values;
}

async function* heuristic(
  open: OpenTraining,
  options: HeuristicSupermaskOptions,
): AsyncGenerator<SupermaskRecord, void> {
  const { sparsities, criterion = 'zhou:large_final', sameSign = false } = options;
  const trainedUnit = yield* trainUnit(open, 'dense', { type: 'point' } as const, {
    ...{ start: open.initial, epochs: options.epochs, orderSeed: 0 },
  });
  const { weights: trained, last } = trainedUnit;
  const base = baseWeights(open, options);
  const dense = allKept(chosenWeights(open, options));
  const untrained = await open.run.once('untrained', () => measureCopy(open, open.initial));
  const whole = { ...countMasks(dense), masks: dense };
  yield { type: 'result', branch: 'untrained', ...untrained, ...whole };
  const { loss, accuracy } = last!;
  yield { type: 'result', branch: 'trained', loss, ...(accuracy !== undefined && { accuracy }), ...whole };
  const scored = sameSign ? withoutTurned(open.initial, trained) : trained;
  for (const [i, sparsity] of sparsities.entries()) {
    const pruning = { ...options, sparsity, criterion };
    const masks = levelMasks(open, pruning, { trained: scored, initial: open.initial, level: 1 });
    const shuffledMasks: Masks = new Map(
      [...masks].map(([key, mask]) => {
        const order = randomOrder(mask.length, open.run.seedOf('random-mask', i, key));
        return [key, mask.map((_, at) => mask[order[at]!]!)];
      }),
    );
    for (const [branch, own] of [
      ['supermask', masks],
      ['randomMask', shuffledMasks],
    ] as const) {
      const values = maskedWeights(open, options, base, trained, own);
      const quality = await open.run.once(`${branch}-${i}`, () => measureCopy(open, values));
      yield { type: 'result', branch, ...quality, ...countMasks(own), masks: own };
    }
  }
}

/** Trained weights with 0 where training turned the sign. */
function withoutTurned(initial: WeightValues, trained: WeightValues): WeightValues {
  return new Map(
    [...trained].map(([key, values]) => {
      const before = initial.get(key)!;
      return [key, values.map((value, i) => (Math.sign(value) === Math.sign(before[i]!) ? value : 0))];
    }),
  );
}

/** Trains scores; what is kept are the scores and the qualities of the last masks. */
async function* learned(
  open: OpenTraining,
  options: LearnedSupermaskOptions,
): AsyncGenerator<SupermaskRecord, void> {
  const {
    scoreStart = 0,
    roundMask = false,
    rescale = false,
    epochs,
    learningRates,
    evaluateEvery,
  } = options;
  const { run, validation } = open;
  const samples = roundMask ? 1 : (options.samples ?? 5);
  const untrained = await run.once('untrained', () => measureCopy(open, open.initial));
  const dense = allKept(chosenWeights(open, options));
  yield { type: 'result', branch: 'untrained', ...untrained, ...countMasks(dense), masks: dense };
  const outcome = yield* run.unit<SupermaskPoint>('learned', async function* () {
    const model = compiledCopy(open, baseWeights(open, options));
    const masks = new LearnedMasks(model, options.policy, { scoreStart, roundMask, rescale });
    let drawn: Quality[] = [];
    const measure = async (step: number): Promise<Quality> => {
      drawn = [];
      for (let sample = 0; sample < samples; sample++) {
        masks.draw(run.seedOf('evaluate', step, sample), false);
        drawn.push(await evaluate(model, validation, () => run.check()));
      }
      return meanQuality(drawn);
    };
    try {
      masks.train(model.optimizer);
      const training = trainOn(run, {
        ...{ model, data: open.data, validation, batchSize: options.batchSize ?? defaultBatchSize },
        ...{ epochs, learningRates, evaluateEvery, orderSeed: 0, measure },
        beforeStep: (step) => masks.draw(run.seedOf('step', step), true),
      });
      for await (const point of training) yield { type: 'point', ...point };
      return { arrays: packArrays({ scores: masks.scores() }), facts: { drawn } };
    } finally {
      masks.dispose();
      disposeCopy(model);
    }
  });
  const scores = unpackWeights(outcome.arrays, 'scores');
  const { drawn } = outcome.facts as { drawn: Quality[] };
  const masks = likelyMasks(scores);
  yield {
    type: 'result',
    branch: 'supermask',
    ...meanQuality(drawn),
    ...countMasks(masks),
    masks,
    drawn,
    scores,
  };
}

function meanQuality(qualities: readonly Quality[]): Quality {
  const mean = (of: (quality: Quality) => number) =>
    qualities.reduce((sum, quality) => sum + of(quality), 0) / qualities.length;
  const accurate = qualities[0]?.accuracy !== undefined;
  return { loss: mean((q) => q.loss), ...(accurate && { accuracy: mean((q) => q.accuracy!) }) };
}

function ownIdentity(options: SupermaskOptions): Record<string, unknown> {
  const { method, weights, rescale } = options;
  const common = { method, weights, rescale, ...pruningIdentity(options) };
  if (options.method === 'heuristic') {
    const { sparsities, sameSign, pruned } = options;
    return { ...common, sparsities, sameSign, pruned };
  }
  const { scoreStart, roundMask, multiplier, samples } = options;
  return { ...common, scoreStart, roundMask, multiplier, samples };
}

/**
 * Masks that make an untrained network work. `heuristic`: trains the network, scores its weights, and lays the mask on the
 * untrained one, beside a random mask of the same counts. `learned`: trains a score for every prunable weight while all
 * weights stay; every measurement draws masks anew. Biases stay as given.
 *
 * @returns records as the work goes on: points while something trains, then results
 * @throws {@link SparseError} while iterating: `ERR_SPARSE_OPTION`, `ERR_SPARSE_ARGUMENT`, `ERR_SPARSE_MODEL`,
 *   `ERR_SPARSE_SHAPE`, `ERR_SPARSE_FILE`, `ERR_SPARSE_ABORTED`
 * @see Zhou et al. 2019, "Deconstructing Lottery Tickets", arXiv:1905.01067, sections 4 and 5
 */
export async function* supermask(options: SupermaskOptions): AsyncGenerator<SupermaskRecord, void> {
  checkSupermask(options);
  const open = await openTraining(name, options, ownIdentity(options));
  try {
    if (options.method === 'heuristic') yield* heuristic(open, options);
    else yield* learned(open, options);
  } finally {
    open.dispose();
  }
}
