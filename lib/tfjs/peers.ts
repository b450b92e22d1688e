import type * as Converter from '@tensorflow/tfjs-converter';
import type * as Core from '@tensorflow/tfjs-core';
import { loadPeer } from '../io/load-peer.ts';

const core = '@tensorflow/tfjs-core';
const converter = '@tensorflow/tfjs-converter';

/** The user's own `@tensorflow/tfjs-core`. */
export const tfc = loadPeer<typeof Core>({ entry: 'tfjs-sparse/tfjs', packages: [core] }, core);

/** The user's own `@tensorflow/tfjs-converter`; who has a GraphModel has it. */
export function loadConverter(): typeof Converter {
  return loadPeer({ entry: 'tfjs-sparse/tfjs', packages: [core, converter] }, converter);
}
