import { artifactsOf, countWeights } from '../cases/artifacts.ts';
import type { ModelCase } from '../cases/model-case.ts';
import { runCase } from '../runner/run-case.ts';
import { densityName, type Suite } from './suite.ts';

/** One Dense layer with bias and relu: our sessions against TF.js's bare op and against `predict`. */
export const kernels: Suite = async function* (options, processOf) {
  for (const [outputs, inputs] of options.shapes)
    for (const sparsity of options.sparsity) {
      const model = { type: 'layer' as const, outputs, inputs, sparsity, seed: 1 };
      const { nonZero, size } = countWeights(await artifactsOf(model));
      for (const batch of options.m) {
        const work: ModelCase = { model, batch, input: { seed: 2 } };
        const seats = [
          processOf('tfjs-node').seat('tfjs-node fused.matMul', work),
          processOf('tfjs-node').seat('tfjs-node predict', work),
          processOf('tfjs-wasm').seat('tfjs-wasm predict', work),
          processOf('tfjs-sparse').seat('session dense', work),
          processOf('tfjs-sparse').seat('session sparse', work),
        ];
        yield {
          suite: 'kernels',
          name: `dense-${outputs}x${inputs}/M=${batch}/${densityName(sparsity)}/t=1`,
          facts: { n: outputs, k: inputs, m: batch, sparsity, nonZero },
          flops: { stored: 2 * batch * nonZero, dense: 2 * batch * size },
          rows: await runCase(seats, options.run),
        };
      }
    }
};
