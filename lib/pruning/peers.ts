import type * as Core from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';
import { loadPeer as load } from '../io/load-peer.ts';

const user = {
  entry: 'tfjs-sparse/pruning',
  packages: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'],
};

/**
 * Loads a peer package of this entry point.
 *
 * @throws {@link SparseError} `ERR_SPARSE_PEER` with the command that installs it
 */
export function loadPeer<T>(name: string, require?: (name: string) => unknown): T {
  return load<T>(user, name, require);
}

/** The user's own `@tensorflow/tfjs-core`. */
export const tfc = loadPeer<typeof Core>('@tensorflow/tfjs-core');
/** The user's own `@tensorflow/tfjs-layers`. */
export const tfl = loadPeer<typeof Layers>('@tensorflow/tfjs-layers');
