import { createRequire } from 'node:module';
import { SparseError } from '../errors.ts';

// TF.js's packages have no `exports` map and no `type`, so Node resolves `require` and `import` alike to their `main`
// (`dist/tf-core.node.js`): this is the very instance that the user's own `import` and tfjs-node's `require` get.
// A static import would do the same, but a missing package would then fail before any of our code could explain it.
const require = createRequire(import.meta.url);

/** Which entry point needs a peer, and the packages that install all that it needs. */
export interface PeerUser {
  entry: string;
  packages: readonly string[];
}

/** Version range of every TF.js peer. */
const range = '^4.22.0';

/**
 * Loads a peer package.
 *
 * @throws {@link SparseError} `ERR_SPARSE_PEER` with the command that installs it
 */
export function loadPeer<T>(user: PeerUser, name: string, load: (name: string) => unknown = require): T {
  try {
    return load(name) as T;
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
    if (!missing || !String(cause).includes(name)) throw cause;
    const packages = user.packages.map((peer) => `${peer}@${range}`).join(' ');
    throw new SparseError(
      'ERR_SPARSE_PEER',
      `${user.entry}: the peer package "${name}" is not installed. Run: npm install ${packages}`,
      { expected: `${name} ${range}`, received: 'nothing', cause },
    );
  }
}
