import { describe, expect, it } from 'vitest';
import { isCompiledOn } from '../../../scripts/checks/native-lint.ts';

describe('the files that a computer compiles', () => {
  it('have intrinsics of its own architecture only', () => {
    expect(isCompiledOn('native/kernels/spmm/arm_neon.cc', 'x64')).toBe(false);
    expect(isCompiledOn('native/kernels/spmm/arm_neon.cc', 'arm64')).toBe(true);
    expect(isCompiledOn('native/kernels/spmm/x86_avx2_fma.cc', 'x64')).toBe(true);
    expect(isCompiledOn('native/kernels/spmm/x86_avx2_fma.cc', 'arm64')).toBe(false);
  });

  it('are all those without an architecture in their name', () => {
    for (const file of ['native/core/cpu.cc', 'native/kernels/spmm/scalar.cc', 'native/session/arena.cc']) {
      expect(isCompiledOn(file, 'x64')).toBe(true);
      expect(isCompiledOn(file, 'arm64')).toBe(true);
    }
  });
});
