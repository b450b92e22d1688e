import { exclusively } from './lock.ts';
import { run, say } from './process.ts';
import { Stamp } from './stamp.ts';

const inputs = ['lib', 'tsdown.config.ts', 'tsconfig.json', 'package.json'];
const stamp = new Stamp('lib', inputs, ['dist/index.mjs', 'dist/index.cjs']);

/** Builds the JavaScript and its types into dist/ when a source has changed since. */
export function buildLib(options: { force?: boolean } = {}): void {
  exclusively('lib', () => {
    if (!options.force && stamp.isFresh()) {
      say('lib', 'dist is up to date');
      return;
    }
    say('lib', 'building dist');
    const hash = stamp.currentHash();
    run(['tsdown', '--logLevel', 'error']);
    stamp.write(hash);
  });
}
