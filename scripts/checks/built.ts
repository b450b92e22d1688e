import { buildVariant } from '../runners/cmake.ts';
import { checkObjects } from './objects.ts';

/** {@link checkObjects} on a Debug build of the kernels as they ship, so without emulation. */
export function objectsOfDebugBuild(): string[] {
  const folder = buildVariant({
    name: 'debug',
    buildType: 'Debug',
    options: { SPARSE_EMULATE_AVX512: 'OFF' },
    targets: ['sparse_core'],
  });
  return checkObjects(folder);
}
