import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError } from '../../errors.ts';
import { checkFraction } from '../../native/check.ts';
import type { Structure } from '../../sparse/structure.ts';
import type { WeightCriterion } from '../criterion.ts';
import { liveWeights } from '../live-weights.ts';
import { checkKeys } from '../options.ts';
import type { Policy } from '../policy.ts';
import { pruneOnce } from '../prune-once.ts';
import { checkModel } from '../rebuild-model.ts';
import { stripPruning } from '../strip.ts';
import { type OpenData, openData, type StudyData } from './data.ts';
import { evaluate, type Quality } from './evaluate.ts';
import { readWeights } from './model-weights.ts';
import { disposeCopy, fingerprint } from './open-training.ts';
import { pruningIdentity } from './pruning-options.ts';
import { type StudyOptions, StudyRun, studyOptionNames } from './study.ts';
import { compileAnew, type TrainingOptions } from './training-options.ts';

/** What a caller's own measurement of a model gives. */
export interface Measured {
  /** Microseconds of one prediction. */ us: number;
  /** Size. */ bytes: number;
}

/** What {@link sensitivity} takes. */
export interface SensitivityOptions extends StudyOptions {
  /** One input, one output; left as it was. Name its layers to resume by `folder`. */ model: LayersModel;
  /** Compiles a copy for evaluation, with a new optimizer each time: the loss and metrics are what is reported. */
  compile: TrainingOptions['compile'];
  /** To measure loss and accuracy on. */ validation: StudyData;
  /** Fractions of zeros to try in each layer; default 0.5, 0.7, 0.8, 0.9, 0.95. */ sparsities?: readonly number[];
  /** Default 'magnitude'. */ criterion?: WeightCriterion;
  /** Default unstructured. Of N:M, whose sparsity is its own, one try per layer. */ structure?: Structure;
  /** Which layers to try; default all with a prunable weight. */ policy?: Policy;
  /** Say, compiles and times a model. Given in, so that pruning need not know how. */
  measure?: (model: LayersModel) => Promise<Measured>;
}

/** The model as it is. */
export interface SensitivityBaseline extends Quality, Partial<Measured> {
  /** Tells it from the other records. */ type: 'dense';
}

/** The model with one layer pruned, all others dense and nothing trained. */
export interface SensitivityPoint extends Quality {
  /** Tells it from the other records. */ type: 'layer';
  /** Name of the layer that is pruned. */ layer: string;
  /** Fraction of zeros asked for. */ sparsity: number;
  /** Loss less the dense model's. */ deltaLoss: number;
  /** Accuracy less the dense model's. */ deltaAccuracy?: number;
  /** Time less the dense model's, µs. */ deltaUs?: number;
  /** Bytes less the dense model's. */ deltaBytes?: number;
}

/** What {@link sensitivity} reports: the dense model first. */
export type SensitivityRecord = SensitivityBaseline | SensitivityPoint;

const name = 'sensitivity';
const ownNames = [
  'model',
  'compile',
  'validation',
  'sparsities',
  'criterion',
  'structure',
  'policy',
  'measure',
];
const defaultSparsities = [0.5, 0.7, 0.8, 0.9, 0.95];

function checkOptions(options: SensitivityOptions): void {
  checkKeys(name, options, [...studyOptionNames, ...ownNames]);
  checkModel(name, options.model);
  for (const key of ['compile', 'policy', 'measure'] as const) {
    const value = options[key];
    if (typeof value === 'function' || (value === undefined && key !== 'compile')) continue;
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${name}: ${key} is a ${typeof value}, expected a function.`,
      { tensor: key, expected: 'function', received: typeof value },
    );
  }
  for (const sparsity of options.sparsities ?? []) checkFraction(name, 'sparsities', sparsity);
}

function levelsOf({ structure, sparsities = defaultSparsities }: SensitivityOptions): readonly number[] {
  return structure?.type === 'nm' ? [1 - structure.keep / structure.of] : sparsities;
}

type Tried = Quality & Partial<Measured>;

async function judge(
  run: StudyRun,
  options: SensitivityOptions,
  data: OpenData,
  model: LayersModel,
): Promise<Tried> {
  try {
    compileAnew(name, model, options.compile);
    const { loss, accuracy } = await evaluate(model, data, () => run.check());
    const measured = await options.measure?.(model);
    return {
      loss,
      ...(accuracy !== undefined && { accuracy }),
      ...(measured && { us: measured.us, bytes: measured.bytes }),
    };
  } finally {
    disposeCopy(model);
  }
}

function less(dense: Tried, tried: Tried, key: 'accuracy' | 'us' | 'bytes'): number | undefined {
  const [a, b] = [dense[key], tried[key]];
  return a === undefined || b === undefined ? undefined : b - a;
}

function pointOf(layer: string, sparsity: number, dense: Tried, tried: Tried): SensitivityPoint {
  const deltas = {
    deltaAccuracy: less(dense, tried, 'accuracy'),
    deltaUs: less(dense, tried, 'us'),
    deltaBytes: less(dense, tried, 'bytes'),
  };
  const known = Object.fromEntries(Object.entries(deltas).filter(([, value]) => value !== undefined));
  const { loss, accuracy } = tried;
  return {
    ...{ type: 'layer', layer, sparsity, loss },
    ...(accuracy !== undefined && { accuracy }),
    deltaLoss: loss - dense.loss,
    ...known,
  };
}

/**
 * How much each layer minds being pruned: for every layer and sparsity, prunes that layer of a copy and measures the copy,
 * without training. A dry run: the given model is left as it was.
 *
 * @returns records as the work goes on, the dense model's first
 * @throws {@link SparseError} while iterating: `ERR_SPARSE_OPTION`, `ERR_SPARSE_ARGUMENT`, `ERR_SPARSE_MODEL`,
 *   `ERR_SPARSE_SHAPE`, `ERR_SPARSE_FILE`, `ERR_SPARSE_ABORTED`
 */
export async function* sensitivity(options: SensitivityOptions): AsyncGenerator<SensitivityRecord, void> {
  checkOptions(options);
  const { model, criterion = 'magnitude', structure, policy } = options;
  const layers = [...new Set(liveWeights(name, model, { policy }).map(({ layer }) => layer.name))];
  const sparsities = levelsOf(options);
  const data = openData(`${name}: validation`, options.validation);
  try {
    const run = await StudyRun.open(name, options, () => ({
      model: fingerprint(model, readWeights(model)),
      validation: data.fingerprint(),
      ...{ sparsities, ...pruningIdentity({ ...options, criterion }) },
      measure: options.measure !== undefined,
    }));
    const dense = await run.once('dense', () => judge(run, options, data, stripPruning(model)));
    yield { type: 'dense', ...dense };
    for (const [index, layer] of layers.entries()) {
      for (const sparsity of sparsities) {
        const tried = await run.once(`layer-${index}-${sparsity}`, async () => {
          const pruned = await pruneOnce(model, {
            sparsity: { [layer]: sparsity },
            criterion,
            ...(structure && { structure }),
            seed: run.seedOf('criterion', layer),
          });
          return judge(run, options, data, pruned.model);
        });
        yield pointOf(layer, sparsity, dense, tried);
      }
    }
  } finally {
    data.dispose();
  }
}
