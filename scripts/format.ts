// npm run format: lays out every file of this repository.
import { formatNative } from './checks/native-lint.ts';
import { root, run } from './setup/process.ts';

run(['biome', 'check', '--write', '.']);
formatNative(root);
