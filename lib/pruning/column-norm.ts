import { SparseError } from '../errors.ts';
import { rankNorms } from '../sparse/ranking.ts';
import { checkFraction } from './options.ts';
import { tfc } from './peers.ts';
import type { Layer } from './tf-types.ts';

/** What {@link pruneColumns} made, and what it went by. */
export interface ColumnPruning {
  /** The weight with the pruned columns zero; a copy. */ values: Float32Array;
  /** L2 norm of each column. */ norms: Float32Array;
  /** Columns from the smallest norm to the largest; of equal norms the lower index comes first. */ order: Uint32Array;
  /** Number of columns pruned. */ cutoff: number;
  /** The pruned columns, rising. */ pruned: number[];
}

/**
 * Zeroes the columns of a weight whose L2 norm is smallest: neuron pruning as Sayak Paul's article "Plunging Into Model
 * Pruning in Deep Learning" shows it. The number of columns is fraction · outputs, truncated, in float64, as Python's
 * `int(n * fraction)` gives it: 29 % of 100 columns are 28.
 *
 * @param values - [inputs, outputs], row-major; left as it is
 * @param fraction - of the columns, in [0, 1]
 * @throws {@link SparseError} `ERR_SPARSE_OPTION`, `ERR_SPARSE_SHAPE`, `ERR_SPARSE_NAN`
 */
export function pruneColumns(
  values: Float32Array,
  shape: readonly [inputs: number, outputs: number],
  fraction: number,
): ColumnPruning {
  checkFraction('pruneColumns: fraction', fraction);
  const { norms, ranking } = rankNorms(values, shape, { over: 'outputs' });
  const [inputs, outputs] = shape;
  const cutoff = Math.trunc(outputs * fraction);
  const pruned = [...ranking.subarray(0, cutoff)].sort((a, b) => a - b);
  const result = values.slice();
  for (let row = 0; row < inputs; row++) {
    for (const column of pruned) result[row * outputs + column] = 0;
  }
  return { values: result, norms, order: ranking, cutoff, pruned };
}

/**
 * {@link pruneColumns} on the kernel of a built layer, in place: of a Dense layer its neurons, of a convolution its
 * filters. Biases are left, as in the article.
 *
 * @throws {@link SparseError} `ERR_SPARSE_MODEL` for a layer without a kernel of rank 2 or more
 */
export function pruneLayerColumns(layer: Layer, fraction: number): Omit<ColumnPruning, 'values'> {
  const kernel = layer.weights.find(({ originalName }) => originalName.split('/').at(-1) === 'kernel');
  if (!kernel || kernel.shape.length < 2) {
    const received = layer.weights.map(({ originalName }) => originalName);
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `pruneLayerColumns: layer "${layer.name}" has no kernel of rank 2 or more, only [${received}]. Is it built?`,
      { layer: layer.name, expected: 'kernel', received },
    );
  }
  const shape = kernel.shape as number[];
  const outputs = shape.at(-1)!;
  const inputs = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const { values, ...report } = pruneColumns(
    kernel.read().dataSync() as Float32Array,
    [inputs, outputs],
    fraction,
  );
  tfc.tidy(() => {
    kernel.write(tfc.tensor(values, shape));
  });
  return report;
}
