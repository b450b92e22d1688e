// Three ways to train again after pruning: fine-tuning, weight rewinding, learning-rate rewinding.
// npx tsx examples/papers/retrain.ts [--quick] [--out FILE]
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type RetrainMethod, type RetrainResult, retrain } from '../../lib/pruning.ts'; // in a project of your own: 'tfjs-sparse/pruning'
import { Curves } from './common/curves.ts';
import { readExamples } from './common/data.ts';
import { lenet, withMomentum } from './common/networks.ts';
import { mean, percent, percents, reproduce } from './common/paper.ts';

const size = {
  full: {
    seeds: [1, 2, 3],
    train: 12_000,
    test: 10_000,
    learningRates: [0.05, 0.05, 0.05, 0.005, 0.005, 0.0005],
  },
  quick: { seeds: [1], train: 2000, test: 500, learningRates: [0.05, 0.05, 0.005] },
};
const sparsity = 0.95;
const methods: RetrainMethod[] = ['fineTune', 'rewindWeights', 'rewindLearningRate'];

await reproduce({
  name: 'retrain',
  paper:
    'Renda, Frankle & Carbin, Comparing Rewinding and Fine-tuning in Neural Network Pruning (ICLR 2020), arXiv:2003.02389',
  setting: (quick) => {
    const { seeds, train, learningRates } = size[quick ? 'quick' : 'full'];
    return (
      `LeNet-300-100, ${train.toLocaleString('en-US')} MNIST images, SGD with momentum 0.9, rates ${learningRates.join(', ')} by epoch; ` +
      `pruned once, globally by magnitude, to ${percent(sparsity, 0)}, retrained as many epochs again; ${seeds.length} seed${seeds.length > 1 ? 's' : ''}`
    );
  },
  async run({ quick, say }) {
    const { seeds, learningRates, ...counts } = size[quick ? 'quick' : 'full'];
    const epochs = learningRates.length;
    const { data, validation } = await readExamples('MNIST', counts);
    const results: (RetrainResult & { seed: number; method: RetrainMethod })[] = [];
    const curves = new Curves('step', 'test accuracy');
    for (const seed of seeds) {
      const model = lenet(seed * 100);
      // One folder for the three methods: the dense network is trained once.
      const folder = mkdtempSync(path.join(os.tmpdir(), 'retrain-'));
      for (const method of methods) {
        const study = retrain({
          ...{ model, compile: withMomentum(0.05), data, validation, epochs, learningRates, seed, folder },
          ...{ method, sparsity, scope: 'global' },
        });
        for await (const record of study) {
          if (record.type === 'point') {
            if (record.round > 0) curves.add(`${method}, seed ${seed}`, record.step, record.accuracy!);
            continue;
          }
          results.push({ ...record, seed, method });
          if (record.stage === 'retrained') say(`seed ${seed}, ${method}: ${percent(record.accuracy!)}`);
        }
      }
      rmSync(folder, { recursive: true });
      model.dispose();
    }
    const accuracies = (stage: string, method: RetrainMethod = 'fineTune') =>
      results.filter((one) => one.stage === stage && one.method === method).map((one) => one.accuracy!);
    const row = (network: string, own: number[]) => ({
      network,
      'test accuracy, mean': percent(mean(own)),
      'by seed': percents(own),
    });
    const [fineTune, weights, rate] = methods.map((method) => accuracies('retrained', method)) as [
      number[],
      number[],
      number[],
    ];
    return {
      table: [
        row('dense', accuracies('dense')),
        row(`pruned to ${percent(sparsity, 0)}, not retrained`, accuracies('pruned')),
        row('fine-tuned at the last rate', fineTune),
        row('weights rewound to the start', weights),
        row('learning rate rewound', rate),
      ],
      curves: curves.list,
      findings: [
        {
          claim: 'learning-rate rewinding at least matches fine-tuning, with every seed',
          holds: rate.every((accuracy, i) => accuracy >= fineTune[i]!),
          detail: `rewound ${percents(rate)}, fine-tuned ${percents(fineTune)}`,
          judged: true,
        },
        {
          claim: 'it at least matches weight rewinding, on average',
          holds: mean(rate) >= mean(weights),
          detail: `learning rate ${percents(rate)}, weights ${percents(weights)}`,
          judged: !quick,
        },
      ],
    };
  },
});
