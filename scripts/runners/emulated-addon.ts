import path from 'node:path';
import { arm64Node } from '../setup/arm64-node.ts';
import { capture } from '../setup/process.ts';
import { oneCase, sum, type Tally } from '../setup/tally.ts';
import { buildVariant } from './cmake.ts';
import { arm64 } from './cross.ts';
import { type NativeTestOptions, nativeTestVariant } from './native-tests.ts';
import { runCounted } from './program.ts';

/** An instruction set of another architecture must be refused, never replaced by one that is there. */
function refusesForeignIsa(node: readonly string[], addon: string): Tally {
  const { status, stderr } = capture([...node, '-e', `require(${JSON.stringify(addon)})`], {
    env: { TFJS_SPARSE_ISA: 'avx2_fma' },
  });
  const refused = status !== 0 && stderr.includes('ERR_SPARSE_ISA');
  console.log(`TFJS_SPARSE_ISA=avx2_fma ${refused ? 'is refused' : `is NOT refused: ${stderr}`}`);
  return oneCase('an instruction set of another architecture is not refused', refused);
}

/** Builds the addon for arm64 and has an arm64 Node compute with it, under emulation. */
export async function runAddonOnArm64(build: NativeTestOptions): Promise<Tally> {
  const folder = buildVariant({ ...nativeTestVariant(build), targets: ['tfjs_sparse'] });
  const addon = path.join(folder, 'tfjs_sparse.node');
  const node = [...arm64.prefix, arm64Node()];
  const on = (isa: string) => ({ env: { TFJS_SPARSE_ADDON: addon, TFJS_SPARSE_ISA: isa } });
  const program = 'test/e2e/fixtures/emulated-addon.ts';
  return sum([
    await runCounted([...node, program, 'neon'], on('')),
    await runCounted([...node, program, 'scalar'], on('scalar')),
    await runCounted([...node, 'scripts/golden.ts'], on('neon')),
    refusesForeignIsa(node, addon),
  ]);
}
