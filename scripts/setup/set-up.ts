import { buildLib } from './build-lib.ts';
import { buildNative } from './build-native.ts';
import { setUpTfjsNode } from './tfjs-node.ts';

/**
 * Everything that a fresh clone lacks after `npm ci`: TensorFlow's library for tfjs-node, the addon, dist.
 * What is there already is left alone, so a second call takes about a second.
 */
export async function setUp(): Promise<void> {
  await setUpTfjsNode();
  buildNative();
  buildLib();
}
