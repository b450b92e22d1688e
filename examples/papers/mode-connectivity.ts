// Instability analysis: copies of a network that part ways late in training end in one valley; those that part early may not.
// npx tsx examples/papers/mode-connectivity.ts [--quick] [--out FILE]
import { linearModeConnectivity, type ModeInstability, type ModePath } from '../../lib/pruning.ts'; // in a project of your own: 'tfjs-sparse/pruning'
import { Curves } from './common/curves.ts';
import { readExamples } from './common/data.ts';
import { lenet, withMomentum } from './common/networks.ts';
import { mean, percent, percents, reproduce } from './common/paper.ts';

const size = {
  full: { seeds: [1, 2], train: 12_000, test: 2000, epochs: 4, copies: 2, splitSteps: [0, 20, 100] },
  quick: { seeds: [1], train: 2000, test: 500, epochs: 2, copies: 2, splitSteps: [0, 24] },
};

await reproduce({
  name: 'mode-connectivity',
  paper:
    'Frankle, Dziugaite, Roy & Carbin, Linear Mode Connectivity and the Lottery Ticket Hypothesis (ICML 2020), arXiv:1912.05671',
  setting: (quick) => {
    const { seeds, train, epochs, copies } = size[quick ? 'quick' : 'full'];
    return (
      `LeNet-300-100, ${train.toLocaleString('en-US')} Fashion-MNIST images, ${epochs} epochs, SGD 0.1 with momentum 0.9; ${copies} copies ` +
      `by split, each on its own order of the data, 30 points between every two; ${seeds.length} initialisation${seeds.length > 1 ? 's' : ''}; no batch normalisation`
    );
  },
  async run({ quick, say }) {
    const { seeds, epochs, copies, splitSteps, ...counts } = size[quick ? 'quick' : 'full'];
    const { data, validation } = await readExamples('Fashion-MNIST', counts);
    const splits: (ModeInstability & { seed: number })[] = [];
    const paths: (ModePath & { seed: number })[] = [];
    const curves = new Curves('alpha', 'error');
    for (const seed of seeds) {
      const model = lenet(seed * 100);
      const given = { model, compile: withMomentum(0.1), data, validation, epochs, seed };
      for await (const record of linearModeConnectivity({ ...given, copies, splitSteps })) {
        if (record.type === 'path') {
          paths.push({ ...record, seed });
          const title = `split ${record.splitStep}, seed ${seed}, pair ${record.pair.join('-')}`;
          for (const [i, alpha] of record.alphas.entries()) curves.add(title, alpha, record.errors[i]!);
        } else if (record.type === 'instability') {
          splits.push({ ...record, seed });
          say(`seed ${seed}, split at ${record.splitStep}: instability ${percent(record.instability)}`);
        }
      }
      model.dispose();
    }
    const of = (step: number) => splits.filter((one) => one.splitStep === step);
    const means = splitSteps.map((step) => mean(of(step).map((one) => one.instability)));
    const ends = seeds.map((seed) => {
      const own = splits.filter((one) => one.seed === seed);
      return [own[0]!.instability, own.at(-1)!.instability] as const;
    });
    return {
      table: splitSteps.map((step, i) => ({
        'split at step': step,
        'instability, mean': percent(means[i]!),
        'by pair': percents(paths.filter((one) => one.splitStep === step).map((one) => one.instability)),
        'stable (below 2 %)': means[i]! < 0.02 ? 'yes' : 'no',
        'test accuracy of the copies': percent(mean(of(step).map((one) => one.accuracy))),
      })),
      curves: curves.list,
      findings: [
        {
          claim: 'instability is lower after the last split than after the first, with every initialisation',
          holds: ends.every(([first, last]) => last < first),
          detail: ends.map(([first, last]) => `${percent(first)} to ${percent(last)}`).join('; '),
          judged: !quick,
        },
        {
          claim: 'it falls from split to split, on average',
          holds: means.every((one, i) => i === 0 || one <= means[i - 1]!),
          detail: percents(means),
          // Below one percent the noise of the test images decides: reported as it is.
          judged: false,
        },
      ],
    };
  },
});
