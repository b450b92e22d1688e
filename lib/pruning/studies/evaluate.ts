import type { Scalar } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { asList } from '../tf-types.ts';
import type { OpenData } from './data.ts';

/** How good a model is on some data. */
export interface Quality {
  /** Mean over the examples of the compiled loss. */ loss: number;
  /** Mean accuracy in [0, 1]; absent when the model was compiled without such a metric. */ accuracy?: number;
}

/** Enough for the backend to be busy, few enough for a caller who aborts. */
const batchSize = 1000;

/** Position of the accuracy among a compiled model's loss and metrics, or -1. TF.js calls it `acc`. */
export function accuracyIndex(model: LayersModel): number {
  return model.metricsNames.findIndex((name) => /acc/i.test(name));
}

/** Loss and metrics of one batch, or of their weighted mean, as a {@link Quality}. */
export function qualityOf(model: LayersModel, values: readonly number[]): Quality {
  const accuracy = values[accuracyIndex(model)];
  return { loss: values[0]!, ...(accuracy !== undefined && { accuracy }) };
}

/**
 * Measures a compiled model on all of the data, in its order.
 *
 * @param check - called between batches; throws to stop
 */
export async function evaluate(model: LayersModel, data: OpenData, check: () => void): Promise<Quality> {
  const sums: number[] = [];
  let examples = 0;
  for await (const { xs, ys } of data.batches(undefined, batchSize)) {
    check();
    const count = xs.shape[0]!;
    const results = asList(model.evaluate(xs, ys, { batchSize: count }) as Scalar | Scalar[]);
    for (const [i, result] of results.entries()) {
      const sum = count * (await result.data())[0]!;
      // A mean in float32 of a number of hits: the number itself is exact.
      const hits = Math.round(sum);
      const exact = i === accuracyIndex(model) && Math.abs(sum - hits) < 1e-3 ? hits : sum;
      sums[i] = (sums[i] ?? 0) + exact;
      result.dispose();
    }
    examples += count;
  }
  return qualityOf(
    model,
    sums.map((sum) => sum / examples),
  );
}
