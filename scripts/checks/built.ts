import { buildVariant } from '../runners/cmake.ts';
import type { CrossTarget } from '../runners/cross.ts';
import { checkObjects } from './objects.ts';

/** {@link checkObjects} on a Debug build of the kernels as they ship, so without emulation. */
export function objectsOfDebugBuild(cross?: CrossTarget): string[] {
  const folder = buildVariant({
    name: cross === undefined ? 'debug' : `${cross.architecture}-debug`,
    buildType: 'Debug',
    options: { SPARSE_EMULATE_AVX512: 'OFF', ...cross?.definitions },
    targets: ['sparse_isas'],
  });
  return checkObjects(folder, cross?.nm);
}
