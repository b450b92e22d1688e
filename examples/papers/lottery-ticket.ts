// Winning tickets: a dense network holds a small one that, from its own initial values, trains at least as well.
// npx tsx examples/papers/lottery-ticket.ts [--quick] [--out FILE]
import { lotteryTicket, type TicketResult } from '../../lib/pruning.ts'; // in a project of your own: 'tfjs-sparse/pruning'
import { Curves } from './common/curves.ts';
import { readExamples } from './common/data.ts';
import { lenet, withAdam } from './common/networks.ts';
import { mean, percent, percents, reproduce } from './common/paper.ts';

const size = {
  full: { seeds: [1, 2, 3], train: 12_000, test: 10_000, epochs: 5, rounds: 4 },
  quick: { seeds: [1], train: 2000, test: 500, epochs: 2, rounds: 1 },
};
const sparsity = 0.85;

await reproduce({
  name: 'lottery-ticket',
  paper: 'Frankle & Carbin, The Lottery Ticket Hypothesis (ICLR 2019), arXiv:1803.03635',
  setting: (quick) => {
    const { seeds, train, epochs, rounds } = size[quick ? 'quick' : 'full'];
    return (
      `LeNet-300-100, ${train.toLocaleString('en-US')} MNIST images, ${epochs} epochs, Adam 0.0012, batches of 128; ${rounds} rounds ` +
      `of magnitude pruning per layer to ${percent(sparsity, 0)} (the output layer half as fast), rewound to the first step; ${seeds.length} seeds`
    );
  },
  async run({ quick, say }) {
    const { seeds, epochs, rounds, ...counts } = size[quick ? 'quick' : 'full'];
    const { data, validation } = await readExamples('MNIST', counts);
    // Half the rate in the output layer, as in the paper: per round it keeps (1 + k) / 2 where the others keep k.
    const kept = (1 - sparsity) ** (1 / rounds);
    const distribution = { dense_3: 1 - ((1 + kept) / 2) ** rounds };
    const results: (TicketResult & { seed: number })[] = [];
    const curves = new Curves('step', 'test accuracy');
    for (const seed of seeds) {
      const model = lenet(seed * 100);
      const study = lotteryTicket({
        ...{ model, compile: withAdam(0.0012), data, validation, epochs, batchSize: 128 },
        ...{ sparsity, rounds, distribution, controlLevels: 'last', seed, evaluateEvery: quick ? 25 : 50 },
      });
      for await (const record of study) {
        if (record.type === 'result') {
          results.push({ ...record, seed });
          const { branch, level, accuracy } = record;
          say(
            `seed ${seed}, ${branch} ${level}, ${percent(record.sparsity, 1)} zeros: ${percent(accuracy!)}`,
          );
        } else if (record.branch !== 'rewind' && (record.branch === 'dense' || record.level === rounds)) {
          curves.add(`${record.branch}, seed ${seed}`, record.step, record.accuracy!);
        }
      }
      model.dispose();
    }
    const of = (branch: string, level: number) =>
      results.filter((one) => one.branch === branch && one.level === level);
    const accuracies = (branch: string, level = rounds) => of(branch, level).map((one) => one.accuracy!);
    const branches = [...new Set(results.map((one) => `${one.branch} ${one.level}`))];
    const [dense, ticket] = [accuracies('dense', 0), accuracies('ticket')];
    const [reinit, random] = [accuracies('randomReinit'), accuracies('randomMask')];
    return {
      table: branches.map((name) => {
        const [branch, level] = [name.split(' ')[0]!, Number(name.split(' ')[1])];
        const own = accuracies(branch, level);
        return {
          network: branch,
          round: level,
          zeros: percent(of(branch, level)[0]!.sparsity, 1),
          'test accuracy, mean': percent(mean(own)),
          'by seed': percents(own),
        };
      }),
      curves: curves.list,
      findings: [
        {
          claim: `the winning ticket at ${percent(of('ticket', rounds)[0]!.sparsity, 1)} zeros trains at least as well as the dense network`,
          holds: mean(ticket) >= mean(dense),
          detail: `ticket ${percent(mean(ticket))} (${percents(ticket)}), dense ${percent(mean(dense))} (${percents(dense)})`,
          judged: !quick,
        },
        {
          claim: 'it trains better than its mask on random initial values, with every seed',
          holds: ticket.every((accuracy, i) => accuracy > reinit[i]!),
          detail: `ticket ${percents(ticket)}, re-initialised ${percents(reinit)}`,
          judged: !quick,
        },
        {
          claim: 'and better than its initial values under a random mask, with every seed',
          holds: ticket.every((accuracy, i) => accuracy > random[i]!),
          detail: `ticket ${percents(ticket)}, random mask ${percents(random)}`,
          judged: true,
        },
      ],
    };
  },
});
