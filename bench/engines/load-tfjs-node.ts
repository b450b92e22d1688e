import { createRequire } from 'node:module';
import util from 'node:util';
import type * as Tfjs from '@tensorflow/tfjs-node';

// tfjs-node 4.22 calls helpers that Node 23 removed.
const legacy = util as unknown as Record<string, unknown>;
legacy.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
legacy.isArray ??= Array.isArray;

/** TF.js on the native TensorFlow backend. */
export const tf: typeof Tfjs = createRequire(import.meta.url)('@tensorflow/tfjs-node');

/** Versions of TF.js and of the TensorFlow library behind it, for the environment block. */
export function tensorflowVersions(): { tfjs: string; tensorflow: string } {
  const { binding } = tf.backend() as unknown as { binding: { TF_Version: string } };
  return { tfjs: tf.version_core, tensorflow: binding.TF_Version };
}
