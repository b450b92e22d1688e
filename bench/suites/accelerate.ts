import type { ModelCase, ModelSpec } from '../cases/model-case.ts';
import { runCase } from '../runner/run-case.ts';
import { densityName, type Suite } from './suite.ts';

/**
 * What `accelerate` costs a model that has no zeros, and what it gains on one that has: both against the same
 * model's plain `predict` in the same process, in turn.
 */
export const accelerate: Suite = async function* (options, processOf) {
  const models: [string, ModelSpec][] = [
    ...options.shapes.flatMap(([outputs, inputs]) =>
      [0, ...options.sparsity].map((sparsity): [string, ModelSpec] => [
        `dense-${outputs}x${inputs}`,
        { type: 'layer', outputs, inputs, sparsity, seed: 5 },
      ]),
    ),
    ['cnn', { type: 'network', name: 'cnn', sparsity: 0, seed: 5 }],
    ['lenet-300-100', { type: 'network', name: 'lenet-300-100', sparsity: 0, seed: 5 }],
  ];
  for (const [name, model] of models) {
    const sparsity = 'sparsity' in model ? model.sparsity : 0;
    for (const batch of options.m) {
      const work: ModelCase = { model, batch, input: { seed: 6 } };
      const process = processOf('tfjs-node');
      yield {
        suite: 'accelerate',
        name: `${name}/M=${batch}/${densityName(sparsity)}/t=1`,
        facts: { m: batch, sparsity },
        rows: await runCase(
          [process.seat('tfjs-node predict', work), process.seat('accelerated predict', work)],
          options.run,
        ),
      };
    }
  }
};
