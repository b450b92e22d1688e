import { SparseError, shown } from '../../errors.ts';
import { randomOrder } from '../../sparse/random.ts';
import type { Mask } from '../../sparse/structure.ts';
import { checkInteger, checkOneOf } from '../options.ts';
import type { Quality } from './evaluate.ts';
import { chosenWeights, countMasks, levelMasks, type MaskedCount } from './level-masks.ts';
import type { WeightValues } from './model-weights.ts';
import { allKept, type Masks, type OpenTraining, openTraining } from './open-training.ts';
import { checkPruning, type PruningOptions, pruningIdentity } from './pruning-options.ts';
import type { StudyRun } from './study.ts';
import { beginning, type Position, type TrainingPoint } from './train.ts';
import { trainUnit } from './train-unit.ts';
import type { TrainingOptions } from './training-options.ts';

/** What a ticket is compared with: its weights under another mask, or other weights under its mask. */
export type TicketControl = 'randomMask' | 'randomReinit';

/** What {@link lotteryTicket} takes. */
export interface LotteryTicketOptions extends TrainingOptions, PruningOptions {
  /** Steps of training after which the weights are what tickets are rewound to; default 0: to the given model. */
  rewindStep?: number;
  /**
   * `randomMask`: each weight's mask shuffled, so that every layer keeps its count. `randomReinit`: the ticket's mask on the
   * initial values of each weight shuffled over all its positions, trained from the first step on. Default: both.
   */
  controls?: readonly TicketControl[];
  /** Levels that get controls; default 'all'. */ controlLevels?: 'all' | 'last';
}

/** The dense network (level 0), a ticket, or a control. */
export type TicketBranch = 'dense' | 'ticket' | TicketControl;

/** A measurement while a branch trains. */
export interface TicketPoint extends TrainingPoint {
  /** Tells it from the other records. */ type: 'point';
  /** `rewind`: the training up to the rewind step. */ branch: TicketBranch | 'rewind';
  /** From 0, the dense network (and the training up to the rewind step), to `rounds`. */ level: number;
}

/** A branch after its training. */
export interface TicketResult extends Quality {
  /** Tells it from the other records. */ type: 'result';
  /** What was trained. */ branch: TicketBranch;
  /** From 0, the dense network, to `rounds`. */ level: number;
  /** Fraction of zeros in the prunable weights. */ sparsity: number;
  /** By `layer/weight`. */ weights: Record<string, MaskedCount>;
  /** Optimizer steps at the end. */ step: number;
  /** Empty for the dense network. */ masks: Masks;
  /** Values at the start; the ticket is these under the masks. */ start: WeightValues;
  /** Values after the training. */ trained: WeightValues;
}

/** What {@link lotteryTicket} reports. */
export type LotteryTicketRecord = TicketPoint | TicketResult;

const name = 'lotteryTicket';

/** All branches see the same batches. */
const orderSeed = 0;

function checkOptions(options: LotteryTicketOptions): void {
  checkPruning(name, options, ['rewindStep', 'controls', 'controlLevels']);
  const { rewindStep, controls = [], controlLevels } = options;
  if (rewindStep !== undefined) checkInteger(`${name}: rewindStep`, rewindStep, 0);
  if (controlLevels !== undefined) checkOneOf(`${name}: controlLevels`, controlLevels, ['all', 'last']);
  if (!Array.isArray(controls)) {
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${name}: controls is ${shown(controls)}, expected a list.`,
      {
        tensor: 'controls',
        expected: ['randomMask', 'randomReinit'],
        received: controls,
      },
    );
  }
  for (const control of controls) checkOneOf(`${name}: controls`, control, ['randomMask', 'randomReinit']);
}

function shuffled<T extends Float32Array | Uint8Array>(values: T, seed: number): T {
  const order = randomOrder(values.length, seed);
  return values.map((_, i) => values[order[i]!]!) as T;
}

/** Every mask shuffled within its weight. */
function randomMasks(run: StudyRun, masks: Masks, level: number): Map<string, Mask> {
  return new Map(
    [...masks].map(([key, mask]) => [key, shuffled(mask, run.seedOf('random-mask', level, key))]),
  );
}

/** Initial values of the masked weights shuffled over all their positions; other weights stay. */
function randomWeights(run: StudyRun, initial: WeightValues, masks: Masks, level: number) {
  return new Map(
    [...initial].map(([key, values]) => [
      key,
      masks.has(key) ? shuffled(values, run.seedOf('random-reinit', level, key)) : values,
    ]),
  );
}

/** Where branches start, and where in the training that is. */
interface Start {
  weights: WeightValues;
  position: Position;
}

/** The weights that tickets are rewound to. */
async function* rewindPoint(
  open: OpenTraining,
  rewindStep: number,
): AsyncGenerator<LotteryTicketRecord, Start> {
  if (rewindStep === 0) return { weights: open.initial, position: beginning };
  const label = { type: 'point', branch: 'rewind', level: 0 } as const;
  const start = yield* trainUnit(open, 'rewind', label, {
    ...{ start: open.initial, epochs: open.options.epochs, steps: rewindStep, orderSeed },
  });
  if (start.position.step < rewindStep) refuseRewind(rewindStep, start.position.step);
  return start;
}

function refuseRewind(rewindStep: number, steps: number): never {
  throw new SparseError(
    'ERR_SPARSE_OPTION',
    `${name}: rewindStep is ${rewindStep}, but the training has ${steps} steps. Rewind to an earlier step or train longer.`,
    { tensor: 'rewindStep', expected: `below ${steps}`, received: rewindStep },
  );
}

interface Branch {
  branch: TicketBranch;
  level: number;
  start: Start;
  masks: Masks;
}

/** Trains one branch to the end, as a part of the study. */
async function* trainBranch(
  open: OpenTraining,
  { branch, level, start, masks }: Branch,
): AsyncGenerator<LotteryTicketRecord, WeightValues> {
  const label = { type: 'point', branch, level } as const;
  const {
    weights: trained,
    last,
    position,
  } = yield* trainUnit(open, `level-${level}-${branch}`, label, {
    ...{ start: start.weights, from: start.position, epochs: open.options.epochs, orderSeed },
    masks: branch === 'dense' ? undefined : masks,
  });
  if (last === undefined) refuseRewind(start.position.step, position.step);
  const { loss, accuracy, step } = last;
  yield {
    ...{ type: 'result', branch, level, loss },
    ...(accuracy !== undefined && { accuracy }),
    ...countMasks(masks),
    ...{ step, masks, start: start.weights, trained },
  };
  return trained;
}

/** The controls of one level. */
async function* trainControls(
  open: OpenTraining,
  level: number,
  start: Start,
  masks: Masks,
): AsyncGenerator<LotteryTicketRecord, void> {
  const { controls = ['randomMask', 'randomReinit'] } = open.options as LotteryTicketOptions;
  if (controls.includes('randomMask')) {
    yield* trainBranch(open, {
      branch: 'randomMask',
      level,
      start,
      masks: randomMasks(open.run, masks, level),
    });
  }
  if (controls.includes('randomReinit')) {
    const weights = randomWeights(open.run, open.initial, masks, level);
    yield* trainBranch(open, {
      branch: 'randomReinit',
      level,
      start: { weights, position: beginning },
      masks,
    });
  }
}

/**
 * Looks for a winning ticket: trains the dense network, prunes its trained weights, rewinds what is left to its values at
 * step `rewindStep` and trains again, `rounds` times; beside every ticket the controls. All see the same batches. A
 * training starts with a new optimizer.
 *
 * @returns records as the work goes on: points while a branch trains, then its result
 * @throws {@link SparseError} while iterating: `ERR_SPARSE_OPTION`, `ERR_SPARSE_ARGUMENT`, `ERR_SPARSE_MODEL`,
 *   `ERR_SPARSE_SHAPE`, `ERR_SPARSE_FILE`, `ERR_SPARSE_ABORTED`
 * @see Frankle & Carbin 2019, arXiv:1803.03635; late rewinding: Frankle et al. 2020, arXiv:1912.05671
 */
export async function* lotteryTicket(
  options: LotteryTicketOptions,
): AsyncGenerator<LotteryTicketRecord, void> {
  checkOptions(options);
  const { rounds = 1, rewindStep = 0, controls, controlLevels = 'all' } = options;
  const own = { ...pruningIdentity(options), rewindStep, controls, controlLevels };
  const open = await openTraining(name, options, own);
  try {
    const start = yield* rewindPoint(open, rewindStep);
    let masks = allKept(chosenWeights(open, options));
    let trained = yield* trainBranch(open, { branch: 'dense', level: 0, start, masks });
    for (let level = 1; level <= rounds; level++) {
      const previous = masks;
      masks = levelMasks(open, options, { trained, initial: open.initial, previous, level });
      trained = yield* trainBranch(open, { branch: 'ticket', level, start, masks });
      if (controlLevels === 'all' || level === rounds) yield* trainControls(open, level, start, masks);
    }
  } finally {
    open.dispose();
  }
}
