// Pruning an untrained network without data: SynFlow keeps every layer alive where magnitude cuts one off.
// npx tsx examples/papers/synflow.ts [--quick] [--out FILE]
import { pruneOnce, withMasks } from '../../lib/pruning.ts'; // in a project of your own: 'tfjs-sparse/pruning'
import { Curves } from './common/curves.ts';
import { readImageSet } from './common/data.ts';
import { accuracyOn, fitOn } from './common/fit.ts';
import { cnn, imageShape, lenet, withAdam } from './common/networks.ts';
import { mean, percent, percents, reproduce } from './common/paper.ts';
import type { TableRow } from './common/result.ts';

const size = {
  full: {
    seeds: [1, 2, 3],
    train: 12_000,
    test: 10_000,
    epochs: 3,
    compressions: [3, 10, 30, 100, 300, 1000],
  },
  quick: { seeds: [1], train: 1500, test: 500, epochs: 2, compressions: [10, 100] },
};
const networks = { 'lenet-300-100': lenet, cnn } as const;
/** Where the survivors are trained: magnitude has cut the first layer of LeNet off there. */
const trainedAt = 100;

interface Pruned {
  network: string;
  criterion: string;
  compression: number;
  kept: number[];
  seed: number;
}

await reproduce({
  name: 'synflow',
  paper:
    'Tanaka, Kunin, Yamins & Ganguli, Pruning neural networks without any data by iteratively conserving synaptic flow (NeurIPS 2020), arXiv:2006.05467',
  setting: (quick) => {
    const { seeds, train, epochs } = size[quick ? 'quick' : 'full'];
    return (
      'untrained LeNet-300-100 and the CNN of the article (Glorot initialisation), ranked globally, no layer protected; SynFlow in 100 ' +
      `iterations, magnitude in one; LeNet at compression ${trainedAt} then trained ${epochs} epochs on ${train.toLocaleString('en-US')} MNIST ` +
      `images with Adam 0.0012; ${seeds.length} seed${seeds.length > 1 ? 's' : ''}`
    );
  },
  async run({ quick, say }) {
    const { seeds, train, test, epochs, compressions } = size[quick ? 'quick' : 'full'];
    const images = await readImageSet('MNIST', 'train', train);
    const testImages = await readImageSet('MNIST', 'test', test);
    const pruned: Pruned[] = [];
    const accuracy: Record<'magnitude' | 'synflow', number[]> = { magnitude: [], synflow: [] };
    for (const seed of seeds) {
      for (const [network, make] of Object.entries(networks)) {
        const model = make(seed * 100);
        for (const compression of compressions) {
          for (const criterion of ['magnitude', 'synflow'] as const) {
            const iterations = criterion === 'synflow' ? 100 : 1;
            const config = { criterion, iterations, scope: 'global', minKept: 0 } as const;
            const result = await pruneOnce(model, { ...config, sparsity: 1 - 1 / compression });
            const kept = [...result.masks.values()].map((mask) => mask.reduce((sum, bit) => sum + bit, 0));
            pruned.push({ network, criterion, compression, kept, seed });
            result.model.dispose();
            if (network !== 'lenet-300-100' || compression !== trainedAt) continue;
            const survivors = withMasks(model, result.masks);
            withAdam(0.0012)(survivors);
            await fitOn(survivors, images, { epochs, seed, inputShape: imageShape[network] });
            accuracy[criterion].push(accuracyOn(survivors, testImages, imageShape[network]));
            say(
              `seed ${seed}, ${criterion}, kept ${kept.join(' + ')}: ${percent(accuracy[criterion].at(-1)!)}`,
            );
            survivors.dispose();
          }
        }
        model.dispose();
      }
    }
    const of = (network: string, criterion: string, compression: number) =>
      pruned.filter(
        (one) => one.network === network && one.criterion === criterion && one.compression === compression,
      );
    const collapsed = (one: Pruned) => one.kept.includes(0);
    const curves = new Curves('compression', 'weights in the smallest layer');
    const table: TableRow[] = Object.keys(networks).flatMap((network) =>
      compressions.flatMap((compression) =>
        ['magnitude', 'synflow'].map((criterion) => {
          const own = of(network, criterion, compression);
          curves.add(
            `${network}, ${criterion}, mean`,
            compression,
            mean(own.map(({ kept }) => Math.min(...kept))),
          );
          const cut = own.filter(collapsed).length;
          return {
            ...{ network, compression, criterion, 'kept by layer (first seed)': own[0]!.kept.join(' + ') },
            'a layer cut off': cut === 0 ? 'no' : `${cut} of ${own.length} seeds`,
          };
        }),
      ),
    );
    const alive = pruned.filter(({ criterion }) => criterion === 'synflow');
    const magnitude = of('lenet-300-100', 'magnitude', trainedAt);
    const synflow = of('lenet-300-100', 'synflow', trainedAt);
    return {
      table,
      curves: curves.list,
      findings: [
        {
          claim: `at compression ${trainedAt} magnitude cuts off a layer of LeNet-300-100 and SynFlow none, with every seed`,
          holds: magnitude.every(collapsed) && !synflow.some(collapsed),
          detail: `kept by magnitude ${magnitude[0]!.kept.join(' + ')}, by SynFlow ${synflow[0]!.kept.join(' + ')}`,
          judged: true,
        },
        {
          claim: `SynFlow keeps every layer of both networks alive up to compression ${compressions.at(-1)}`,
          holds: !alive.some(collapsed),
          detail: `smallest layer ${Math.min(...alive.flatMap(({ kept }) => kept))} weights, ${alive.length} networks`,
          judged: true,
        },
        {
          claim: 'so the one is left at chance by training, and the other learns, with every seed',
          holds: accuracy.magnitude.every((one) => one < 0.2) && accuracy.synflow.every((one) => one > 0.5),
          detail: `test accuracy of SynFlow's ${percents(accuracy.synflow)}, of magnitude's ${percents(accuracy.magnitude)}`,
          judged: !quick,
        },
      ],
    };
  },
});
