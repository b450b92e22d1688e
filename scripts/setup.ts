// tsx scripts/setup.ts tf|native|lib|data|peers|models [--force]: one part of the set-up; data is
// Fashion-MNIST, peers the benches' Python rivals, models the published models of npm run conformance.
import { setUpBenchPeers } from './setup/bench-peers.ts';
import { buildLib } from './setup/build-lib.ts';
import { buildNative } from './setup/build-native.ts';
import { fashionMnistFolder } from './setup/fashion-mnist.ts';
import { setUpModels } from './setup/models/set-up-models.ts';
import { setUpTfjsNode } from './setup/tfjs-node.ts';

const parts = {
  tf: setUpTfjsNode,
  native: buildNative,
  lib: buildLib,
  data: fashionMnistFolder,
  peers: setUpBenchPeers,
  models: setUpModels,
};
const [name = '', flag] = process.argv.slice(2);
if (!(name in parts) || (flag !== undefined && flag !== '--force')) {
  console.error(`usage: setup.ts ${Object.keys(parts).join('|')} [--force]`);
  process.exit(2);
}
try {
  await parts[name as keyof typeof parts]({ force: flag === '--force' });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
