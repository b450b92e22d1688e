import path from 'node:path';
import { randomValues } from '../../lib/sparse/random.ts';
import { cachedFolder } from '../../scripts/setup/cached-folder.ts';
import type { HandBuiltModel } from '../models/hand-built/hand-built-model.ts';

/** Saves a model that is built in TF.js, its kernels random from fixed seeds. @returns the path of model.json */
export async function saveHandBuilt({ name, build }: HandBuiltModel): Promise<string> {
  const folder = await cachedFolder(path.join('models', `hand-built-1-${name}`), async (target) => {
    const { tf } = await import('../engines/load-tfjs-node.ts');
    const model = build(tf);
    const weights = model.getWeights().map((weight, seed) => {
      if (weight.shape.length < 2) return weight;
      const [outputs = 1, inputs = 1] = weight.shape.slice(-2).reverse();
      const reach = Math.sqrt(6 / (inputs + outputs));
      const values = randomValues(weight.size, seed + 1).map((v) => (2 * v - 1) * reach);
      return tf.tensor(values, weight.shape);
    });
    model.setWeights(weights);
    await model.save(`file://${target}`);
    model.dispose();
  });
  return path.join(folder, 'model.json');
}
