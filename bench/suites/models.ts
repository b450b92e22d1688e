import { artifactsOf, countWeights } from '../cases/artifacts.ts';
import type { ModelCase } from '../cases/model-case.ts';
import { runCase } from '../runner/run-case.ts';
import { densityName, type Suite } from './suite.ts';

/** Whole networks against `model.predict`: the article's CNN and LeNet-300-100. */
export const models: Suite = async function* (options, processOf) {
  for (const name of ['cnn', 'lenet-300-100'] as const)
    for (const sparsity of options.sparsity) {
      const model = { type: 'network' as const, name, sparsity, seed: 3 };
      const { nonZero, size } = countWeights(await artifactsOf(model));
      for (const batch of options.m) {
        const work: ModelCase = { model, batch, input: { seed: 4 } };
        const seats = [
          processOf('tfjs-node').seat('tfjs-node predict', work),
          processOf('tfjs-node').seat('accelerated predict', work),
          processOf('tfjs-wasm').seat('tfjs-wasm predict', work),
          processOf('tfjs-sparse').seat('session dense', work),
          processOf('tfjs-sparse').seat('session sparse', work),
        ];
        yield {
          suite: 'models',
          name: `${name}/M=${batch}/${densityName(sparsity)}/t=1`,
          facts: { model: name, m: batch, sparsity, weights: size, nonZero },
          rows: await runCase(seats, options.run),
        };
      }
    }
};
