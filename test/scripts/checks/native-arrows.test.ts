import { describe, expect, it } from 'vitest';
import { checkNativeArrows } from '../../../scripts/checks/native-arrows.ts';
import { root } from '../../../scripts/setup/process.ts';
import { makeTree } from '../../helpers/tree.ts';

describe('include arrows of native', () => {
  it('hold in this repository', () => {
    expect(checkNativeArrows(root)).toEqual([]);
  });

  it.each([
    ['core that knows kernels', 'native/core/a.cc', '#include "kernels/spmm/spmm.h"'],
    ['a family that knows another', 'native/kernels/spmm/a.cc', '#include "kernels/spmv/spmv.h"'],
    ['kernels that know the session', 'native/kernels/spmm/a.cc', '#include "session/session.h"'],
    ['a session that knows Node', 'native/session/a.cc', '#include "binding/exports.h"'],
    ['Node in the core', 'native/core/a.h', '#include <node_api.h>'],
    ['napi.h beside napi_setup.h', 'native/binding/a.cc', '#include <napi.h>'],
    ['intrinsics in a shared header', 'native/kernels/spmm/generic.h', '#include <immintrin.h>'],
    ['SIMDe in a common file', 'native/kernels/spmm/spmm.cc', '#include <simde/x86/avx512.h>'],
    ['an intrinsic without its header', 'native/core/a.cc', '  const auto sum = _mm256_add_ps(x, y);'],
    ['a vector type', 'native/kernels/spmm/spmm.h', 'void f(__m512 x);'],
    ['a NEON type', 'native/core/a.cc', '  uint8x16x4_t window;'],
    ['a NEON load', 'native/kernels/spmm/generic.h', '  auto x = vld1q_f32(a);'],
    ['NEON in a file for x86', 'native/kernels/spmm/x86_avx512.cc', '#include "kernels/vec/arm_neon.h"'],
    [
      'AVX-512 code in an AVX2 file',
      'native/kernels/spmm/x86_avx2_fma.cc',
      '#include "kernels/vec/x86_avx512.h"',
    ],
    ['code of an ISA in a common file', 'native/kernels/spmm/spmm.cc', '#include "kernels/vec/x86_avx512.h"'],
    ['tests', 'native/core/a.cc', '#include "native/core/cpu_test.h"'],
    ['a path from its own folder', 'native/core/a.cc', '#include "cpu.h"'],
  ])('refuse %s', (_what, file, line) => {
    const problems = checkNativeArrows(makeTree({ [file]: `// first line\n${line}\n` }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${file}:2: `);
  });

  it('allow what the tree is made of', () => {
    const tree = makeTree({
      'native/addon.cc': '#include "binding/exports.h"\n',
      'native/binding/napi_setup.h': '#include <napi.h>\n',
      'native/binding/a.cc':
        '#include "binding/napi_setup.h"\n#include "session/s.h"\n#include "core/cpu.h"\n',
      'native/session/s.h':
        '#include <vector>\n#include "kernels/spmm/spmm.h"\n#include "kernels/epilogue.inc"\n',
      'native/kernels/spmm/spmm.h': '#include "core/status.h"\n#include "kernels/epilogue.inc"\n',
      'native/kernels/spmm/x86_avx512.cc': '#include "kernels/vec/x86_avx512.h"\n_mm512_setzero_ps();\n',
      'native/kernels/spmm/arm_neon.cc': '#include "kernels/vec/arm_neon.h"\nfloat32x4_t x = vld1q_f32(a);\n',
      'native/kernels/vec/arm_neon.h': '#include <arm_neon.h>\n',
      'native/kernels/vec/x86_avx512.h': '#include <simde/x86/avx512.h>\n#include <immintrin.h>\n',
      'native/core/a.cc': '// in words only: _mm256_add_ps(x, y)\n',
    });
    expect(checkNativeArrows(tree)).toEqual([]);
  });
});
