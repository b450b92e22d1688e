import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError } from '../errors.ts';
import { pause } from '../native/abort.ts';
import type { Mask } from '../sparse/structure.ts';
import type { Batch } from './batches.ts';
import { layerwiseCriteria } from './criteria/data-criteria.ts';
import type { LayerTarget } from './criteria/layerwise-criterion.ts';
import { distribute } from './distributions.ts';
import { checkVectors, layerVectors } from './layer-inputs.ts';
import { type LiveWeight, maskWeight, valuesOf, writeValues } from './live-weights.ts';
import type { PruneOnceRun } from './prune-once-config.ts';

/**
 * Options that mean nothing to a criterion with counts of its own.
 *
 * @throws {@link SparseError} `ERR_SPARSE_OPTION`
 */
export function checkLayerwiseRun(what: string, run: PruneOnceRun): void {
  const { criterion, structure, scope, compat, iterations, biases } = run;
  const refused: [name: string, given: unknown, expected: string][] = [
    ['scope', scope, 'layer'],
    ['compat', compat, 'exact'],
    ['iterations', iterations, '1'],
    ['biases', biases ?? false, 'false'],
    ['structure', structure.type === 'nm' ? 'unstructured' : structure.type, 'unstructured'],
  ];
  for (const [name, given, expected] of refused) {
    if (String(given) === expected) continue;
    const choices = name === 'structure' ? '"unstructured" or "nm"' : `"${expected}"`;
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: criterion "${String(criterion)}" has a rule of its own for each layer: ${name} is "${String(given)}", expected ${choices}.`,
      { tensor: name, expected, received: given },
    );
  }
}

/** [rows, columns] to [columns, rows]. */
function transposed<Values extends Float32Array | Uint8Array>(
  values: Values,
  rows: number,
  columns: number,
): Values {
  const out = values.slice() as Values;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      out[column * rows + row] = values[row * columns + column]!;
  }
  return out;
}

function targetsOf(weights: readonly LiveWeight[], run: PruneOnceRun): Record<string, number> {
  const { sparsity, distribution } = run;
  if (typeof sparsity === 'number') return distribute(weights, sparsity, distribution ?? 'uniform');
  return Object.fromEntries(weights.map(({ key, layer }) => [key, sparsity[key] ?? sparsity[layer.name]!]));
}

/**
 * Prunes a model layer by layer, in the order of its layers, each calibrated on the batches as the layers before it,
 * pruned already, let them through.
 *
 * @param model - changed in place
 */
export async function pruneLayerwise(
  what: string,
  model: LayersModel,
  weights: readonly LiveWeight[],
  batches: readonly Batch[],
  run: PruneOnceRun,
): Promise<Map<string, Mask>> {
  const calibrate = layerwiseCriteria[run.criterion as keyof typeof layerwiseCriteria];
  const { structure } = run;
  const targets = targetsOf(weights, run);
  const masks = new Map<string, Mask>();
  for (const weight of weights) {
    await pause(what, run.signal);
    const { key, shape } = weight;
    const outputs = shape.at(-1)!;
    const inputs = shape.slice(0, -1).reduce((product, length) => product * length, 1);
    const target: LayerTarget =
      structure.type === 'nm'
        ? { nm: { keep: structure.keep, of: structure.of } }
        : { sparsity: targets[key]! };
    if ('sparsity' in target && target.sparsity === 0) {
      masks.set(key, new Uint8Array(inputs * outputs).fill(1));
      continue;
    }
    const calibration = calibrate(inputs, run);
    for (const batch of batches) {
      await pause(what, run.signal);
      layerVectors(model, weight, batch, calibration.add);
    }
    const before = transposed(valuesOf(weight), inputs, outputs);
    const solution = calibration.solve(before, [outputs, inputs], target);
    const mask = transposed(solution.mask, outputs, inputs);
    if (solution.weights) writeValues(weight, transposed(solution.weights, outputs, inputs));
    maskWeight(weight, mask);
    masks.set(key, mask);
  }
  return masks;
}

/** Refuses weights that cannot be calibrated, before anything is done. */
export function checkCalibratable(what: string, criterion: string, weights: readonly LiveWeight[]): void {
  for (const weight of weights) checkVectors(what, criterion, weight);
}
