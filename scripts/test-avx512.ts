// npm run test:avx512 [-- --gtest_filter=...]: the AVX-512 kernels as they ship, instruction by instruction on an emulated
// CPU that has them. `npm run test:native` runs the same sources on SIMDe where this CPU lacks AVX-512, hence other machine
// code; where it has AVX-512 that command runs the real one, and so does this.
import { runAvx512Tests } from './runners/avx512-tests.ts';
import { cpuHasAvx512 } from './runners/isas.ts';
import { runNativeTests } from './runners/native-tests.ts';
import { closeWith } from './setup/tally.ts';

const args = process.argv.slice(2);
await closeWith(() => {
  if (!cpuHasAvx512()) return runAvx512Tests(args);
  console.log('this CPU has AVX-512: as npm run test:native');
  return runNativeTests({ variant: 'tests', args });
});
