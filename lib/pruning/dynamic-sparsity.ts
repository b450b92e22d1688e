import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkChoice, checkFraction, checkInteger, checkOptions } from '../native/check.ts';
import { randomOf } from './criteria/index.ts';
import { randomScores } from './criteria/random.ts';
import type { Distribution } from './distributions.ts';
import { coordinatorsOf } from './find-wrappers.ts';
import { fixedMasks } from './fixed-masks.ts';
import type { Policy } from './policy.ts';
import { wrapByRule } from './prune.ts';
import { checkTypes } from './prune-config.ts';
import { plainRule } from './pruning-rule.ts';
import { selectMasks } from './select-masks.ts';

/** Sparse training from the first step on, the connections changing. */
export interface DynamicSparsityConfig {
  /** What new connections are grown by: 'set' at random, 'rigl' by the greatest gradient. */
  method: 'set' | 'rigl';
  /** Fraction of zeros, in [0, 1), kept throughout. */
  sparsity: number;
  /** How it is shared among the layers; default 'erk'. */
  distribution?: Distribution;
  /** Steps between updates. */
  updateEvery: number;
  /** No update at this step or later; the papers take three quarters of the training. */
  stopAtStep: number;
  /** Fraction of its connections that a layer drops at first, falling to 0 at `stopAtStep` along a cosine; default 0.3. */
  dropFraction?: number;
  /** Of the first masks and of what SET grows; default 0. */
  seed?: number;
  /** Which layers; default: every layer whose class is known. */
  policy?: Policy;
}

const keys = [
  'method',
  'sparsity',
  'distribution',
  'updateEvery',
  'stopAtStep',
  'dropFraction',
  'seed',
  'policy',
] as const satisfies readonly (keyof DynamicSparsityConfig)[];

/**
 * A copy of a model that is sparse from the first step on, at random places, and exchanges connections while it trains:
 * every `updateEvery` steps each weight drops those of the smallest magnitude and grows as many new ones, which start at
 * zero with empty optimizer slots. A connection just dropped may grow back at once, and then keeps its value. The number of
 * zeros of a weight never changes.
 *
 * An update takes the place of that step's weight update. RigL's gradients are those of the training step itself: in a loop
 * of your own, pass them through `maskGradients`, or attach the optimizer by `afterStep(model, optimizer)` before the first
 * step.
 *
 * @param model - built, best not trained; left as it was
 * @returns a model that is not compiled; `stripPruning` gives the plain model back
 * @throws {@link SparseError} `ERR_SPARSE_OPTION`, `ERR_SPARSE_ARGUMENT`, `ERR_SPARSE_MODEL`
 * @see Mocanu et al. 2018 (SET), arXiv:1707.04780; Evci et al. 2020 (RigL), arXiv:1911.11134
 */
export function dynamicSparsity(model: LayersModel, config: DynamicSparsityConfig): LayersModel {
  const what = 'dynamicSparsity';
  checkOptions(what, config ?? null, keys);
  checkTypes(what, config, { policy: 'function' });
  const method = checkChoice(what, 'method', config.method, ['set', 'rigl']);
  const sparsity = checkFraction(what, 'sparsity', config.sparsity);
  const updateEvery = checkInteger(what, 'updateEvery', config.updateEvery, 1);
  const stopAtStep = checkInteger(what, 'stopAtStep', config.stopAtStep, 1);
  const dropFraction = checkFraction(what, 'dropFraction', config.dropFraction ?? 0.3);
  const seed = checkInteger(what, 'seed', config.seed ?? 0, 0);
  const distribution = config.distribution ?? 'erk';
  const rule = {
    ...plainRule(fixedMasks()),
    seed,
    dynamic: { method, updateEvery, stopAtStep, dropFraction },
  };
  const wrapped = wrapByRule(what, model, { ...rule, distribution }, config.policy);
  for (const { weights } of coordinatorsOf(wrapped)) {
    const scored = weights.map((weight) => {
      const { key, shape, layer, name } = weight;
      const view = { layer, name, shape, values: weight.readValues() };
      return { key, shape, scores: randomScores(view, randomOf(key, seed)) };
    });
    const masks = selectMasks(scored, { sparsity, distribution });
    for (const weight of weights) {
      weight.writeMask(masks.get(weight.key)!);
      weight.apply();
    }
  }
  return wrapped;
}
