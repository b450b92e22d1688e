import { readdirSync } from 'node:fs';
import path from 'node:path';
import { root, runStatus } from '../setup/process.ts';
import { oneCase, sum, type Tally } from '../setup/tally.ts';
import { buildVariant } from './cmake.ts';
import { type NativeTestOptions, nativeTestVariant } from './native-tests.ts';

/** Seconds for each target: some ten thousand inputs. */
const secondsEach = 5;

/** Files of test/fuzz: a target each, and a folder of seeds of its name. */
export function fuzzTargets(): string[] {
  const files = readdirSync(path.join(root, 'test', 'fuzz'));
  return files.flatMap((file) => (file.endsWith('.cc') ? path.basename(file, '.cc') : []));
}

/** The driver says which input it was when it is aborted. */
const env = { ASAN_OPTIONS: 'abort_on_error=1:handle_abort=0', UBSAN_OPTIONS: 'abort_on_error=1' };

/**
 * Feeds random changes of the seeds to every target for a few seconds, without libFuzzer, on the objects of a sanitized build
 * of the native tests. The seed of the random numbers is the clock's, or SEED; it is printed, with what repeats a failure.
 */
export function fuzzQuickly(build: NativeTestOptions): Tally {
  const targets = fuzzTargets();
  const seed = process.env.SEED ?? String(Date.now() % 2 ** 31);
  const folder = buildVariant({
    ...nativeTestVariant(build),
    targets: targets.map((name) => `fuzz_quick_${name}`),
  });
  return sum(
    targets.map((target) => {
      const words = [path.join(root, 'test', 'fuzz', 'corpus', target), String(secondsEach), seed];
      const command = [path.join(folder, `fuzz_quick_${target}`), ...words];
      console.log(`\n── fuzz ${target} ──`);
      const good = runStatus(command, { env }) === 0;
      if (!good) console.log(`${command.join(' ')} <input above> repeats it`);
      return oneCase(`random bytes broke the fuzzer's target ${target}, SEED=${seed}`, good);
    }),
  );
}
