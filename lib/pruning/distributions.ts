import { SparseError } from '../errors.ts';
import { checkChoice, checkFraction, describeType } from '../native/check.ts';
import { erkSparsities } from './erk.ts';

/** A weight that shares a budget. */
export interface BudgetedWeight {
  /** `layer/name`, e.g. `dense_1/kernel`. */ readonly key: string;
  /** Lengths of its axes. */ readonly shape: readonly number[];
}

/** Sparsity of each weight, in [0, 1], by key. */
type Distribute = (weights: readonly BudgetedWeight[], sparsity: number) => Record<string, number>;

function erdosRenyi(kernel: boolean): Distribute {
  return (weights, sparsity) => {
    const shapes = Object.fromEntries(weights.map(({ key, shape }) => [key, shape]));
    return erkSparsities(shapes, sparsity, { kernel }).sparsities;
  };
}

/** A distribution that has a name. */
type DistributionName = 'uniform' | 'er' | 'erk';

/** What each named distribution does. */
export const distributions: Readonly<Record<DistributionName, Distribute>> = {
  uniform: (weights, sparsity) => Object.fromEntries(weights.map(({ key }) => [key, sparsity])),
  er: erdosRenyi(false),
  erk: erdosRenyi(true),
};

/**
 * How a sparsity is shared among weights: the same for all (`uniform`), Erdős-Rényi without or with kernel sizes
 * ({@link erkSparsities}), or the caller's own targets by layer name or `layer/name`, or by a function. Weights that a
 * table does not name, or for which a function gives undefined, get the common sparsity.
 */
export type Distribution =
  | 'uniform'
  | 'er'
  | 'erk'
  | Readonly<Record<string, number>>
  | ((weight: BudgetedWeight) => number | undefined);

const layerOf = (key: string) => key.slice(0, key.lastIndexOf('/'));

function byTable(table: Readonly<Record<string, number>>): Distribute {
  return (weights, sparsity) => {
    const known = new Set(weights.flatMap(({ key }) => [key, layerOf(key)]));
    for (const name of Object.keys(table)) {
      if (known.has(name)) continue;
      const expected = [...known].filter((one) => one !== '');
      throw new SparseError(
        'ERR_SPARSE_OPTION',
        `pruning: distribution names "${name}", which is no prunable layer or weight, expected one of ${expected.join(', ')}.`,
        { tensor: name, expected, received: name },
      );
    }
    const target = (key: string) => table[key] ?? table[layerOf(key)] ?? sparsity;
    return Object.fromEntries(weights.map(({ key }) => [key, target(key)]));
  };
}

function distributeBy(distribution: Distribution): Distribute {
  if (typeof distribution === 'function') {
    return (weights, sparsity) =>
      Object.fromEntries(weights.map((weight) => [weight.key, distribution(weight) ?? sparsity]));
  }
  if (typeof distribution === 'object' && distribution !== null && !Array.isArray(distribution)) {
    return byTable(distribution);
  }
  if (typeof distribution !== 'string') {
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `pruning: distribution is ${describeType(distribution)}, expected a name, a table of sparsities or a function.`,
      {
        tensor: 'distribution',
        expected: 'string, object or function',
        received: describeType(distribution),
      },
    );
  }
  const names = Object.keys(distributions) as DistributionName[];
  return distributions[checkChoice('pruning', 'distribution', distribution, names)];
}

/**
 * The sparsity of each weight, so that all of them share one.
 *
 * @param sparsity - common fraction of zeros, in [0, 1]
 * @returns fraction of zeros of each weight, in [0, 1], by key
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` for a sparsity out of range or a name that no weight has
 */
export function distribute(
  weights: readonly BudgetedWeight[],
  sparsity: number,
  distribution: Distribution,
): Record<string, number> {
  checkFraction('pruning', 'sparsity', sparsity);
  const shared = distributeBy(distribution)(weights, sparsity);
  for (const { key } of weights) checkFraction('pruning', `sparsity of ${key}`, shared[key]);
  return shared;
}
