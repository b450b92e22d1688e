import { updateMasks } from '../../lib/pruning/coordinator.ts';
import { findWrappers } from '../../lib/pruning/find-wrappers.ts';
import { constantSparsity, prune } from '../../lib/pruning.ts';
import type { RankCase } from '../cases/rank-case.ts';
import { asWords, readWeights } from '../cases/rank-files.ts';
import type { Engine } from '../runner/engine.ts';
import { tensorflowVersions, tf } from './load-tfjs-node.ts';
import { thresholdOf } from './rank-tfjs-node.ts';

/** The mask of a Dense layer's kernel in a training, ranked from its present values and written; masks nothing yet. */
export const maskUpdate: Engine<RankCase> = {
  name: 'mask update',
  async prepare(work) {
    const { n, k, sparsity } = work;
    const dense = tf.layers.dense({ inputShape: [k], units: n, useBias: false, kernelInitializer: 'zeros' });
    const given = tf.sequential({ layers: [dense] });
    const model = prune(given, { schedule: constantSparsity({ targetSparsity: sparsity }) });
    const [wrapper] = findWrappers(model);
    const [weight] = wrapper!.pruned;
    weight!.variable.assign(tf.tensor2d(readWeights(work), [k, n]));
    given.dispose();
    const update = () => updateMasks([weight!], wrapper!.rule, sparsity);
    update();
    const first = asWords(weight!.readMask());
    return {
      run() {
        update();
        return first;
      },
      facts: tensorflowVersions,
      dispose: () => void model.dispose(),
    };
  },
};

/** The same by TF.js's ops on a variable; see rankTfjsNode for how the threshold is found. */
export const maskUpdateByOps: Engine<RankCase> = {
  name: 'mask update by ops',
  async prepare(work) {
    const shape: [number, number] = [work.k, work.n];
    const weight = tf.variable(tf.tensor2d(readWeights(work), shape));
    const mask = tf.variable(tf.ones(shape, 'bool'), false);
    const update = () =>
      tf.tidy(() => {
        const magnitudes = weight.abs();
        mask.assign(magnitudes.greaterEqual(thresholdOf(magnitudes, work.kept)));
      });
    update();
    const first = asWords(mask.dataSync() as unknown as Uint8Array);
    return {
      run() {
        update();
        return first;
      },
      facts: tensorflowVersions,
      dispose: () => tf.dispose([weight, mask]),
    };
  },
};
