import type { NativeInfo } from './bindings.ts';
import { native } from './load.ts';

/**
 * What runs: the addon's version, its instruction set, and the machine.
 *
 * @throws {@link SparseError} `ERR_SPARSE_NATIVE` when the addon cannot be loaded.
 */
export function nativeInfo(): NativeInfo & {
  /** Who computes; this build has the addon only. */
  implementation: 'native' | 'wasm';
} {
  return { implementation: 'native', ...native().info() };
}
