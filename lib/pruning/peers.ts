import { createRequire } from 'node:module';
import type * as Core from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';
import { SparseError } from '../errors.ts';

// Both packages have no `exports` map and no `type`, so Node resolves `require` and `import` alike to their `main`
// (`dist/tf-core.node.js`): this is the very instance that the user's own `import` and tfjs-node's `require` get.
// A static import would do the same, but a missing package would then fail before any of our code could explain it.
const require = createRequire(import.meta.url);

/**
 * Loads a peer package.
 *
 * @throws {@link SparseError} `ERR_SPARSE_PEER` with the command that installs it
 */
export function loadPeer<T>(name: string, load: (name: string) => unknown = require): T {
  try {
    return load(name) as T;
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
    if (!missing || !String(cause).includes(name)) throw cause;
    throw new SparseError(
      'ERR_SPARSE_PEER',
      `tfjs-sparse/pruning: the peer package "${name}" is not installed. ` +
        'Run: npm install @tensorflow/tfjs-core@^4.22.0 @tensorflow/tfjs-layers@^4.22.0',
      { expected: `${name} ^4.22.0`, received: 'nothing', cause },
    );
  }
}

/** The user's own `@tensorflow/tfjs-core`. */
export const tfc = loadPeer<typeof Core>('@tensorflow/tfjs-core');
/** The user's own `@tensorflow/tfjs-layers`. */
export const tfl = loadPeer<typeof Layers>('@tensorflow/tfjs-layers');
