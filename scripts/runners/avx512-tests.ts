import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureSystemPackages, googletest } from '../setup/system-packages.ts';
import { oneCase, sum, type Tally } from '../setup/tally.ts';
import { buildVariant } from './cmake.ts';
import { runOnEmulatedMachine } from './emulated-machine.ts';
import { readReport } from './googletest.ts';
import { casesPerIsa } from './isas.ts';

/**
 * A case takes a hundred times as long as on a CPU, so: every family of kernels, and the steps of sessions that use them, but
 * neither millions of values nor what other tests of the same kernel show.
 */
const families = `
  Spmm/*__avx512 Spmv/*__avx512 Activations.* Softmax.* Normalize.* Binary.* DenseCsr* Depthwise.* MaskKernels.* MaskGroups.* MaskByRank.*
  NormKernels.* RankMaskKernel.agrees_with_scalar SelectKernel.* Stage.* FillPanel.* Windows.* MaxPool.* AvgPool.*
  Transpose.* PackedSpmm.agrees_on_random_shapes PackedSpmv.agrees_on_random_shapes CsrProduct.agrees_for_every_*
  MatmulStep.* ConvStep.* DepthwiseStep.* PoolStep.*`;
const large = '*far_windows*:*adds_a_second_input*';

/** Builds a target with AVX-512 instructions, whatever this CPU has; programs need no libraries. @returns the folder */
export function buildRealAvx512(target: string): string {
  return buildVariant({
    name: 'avx512',
    buildType: 'Release',
    options: { SPARSE_TESTS: 'ON', SPARSE_EMULATE_AVX512: 'OFF', CMAKE_EXE_LINKER_FLAGS: '-static' },
    targets: [target],
  });
}

/** Builds the native tests for a machine with AVX-512 and runs those of its kernels on an emulated one. */
export async function runAvx512Tests(args: readonly string[]): Promise<Tally> {
  ensureSystemPackages([googletest]);
  const folder = buildRealAvx512('native_tests');
  const filter = `--gtest_filter=${families.trim().split(/\s+/).join(':')}-${large}`;
  const options = ['--gtest_brief=1', '--gtest_output=json:/report', filter, ...args];
  const quoted = options.map((option) => `'${option}'`).join(' ');
  const guest = await runOnEmulatedMachine(
    path.join(folder, 'machine'),
    path.join(folder, 'native_tests'),
    `SPARSE_TEST_ISA=avx512 /program ${quoted}`,
  );
  console.log(guest.console);
  const report = path.join(folder, 'tests.json');
  writeFileSync(report, guest.report);
  const { tally, ran } = readReport(report);
  const cases = casesPerIsa(ran, ['avx512']).get('avx512') ?? 0;
  console.log(`kernels avx512: ${cases === 0 ? 'NOT TESTED' : `${cases} cases, on an emulated CPU`}`);
  return sum([
    tally,
    oneCase('the emulated CPU has no avx512f', /^flags\s*:.* avx512f /m.test(guest.console)),
    oneCase('no case tested avx512', cases > 0),
    oneCase('the tests did not end with exit code 0', guest.console.includes('ended with exit code 0')),
  ]);
}
