import path from 'node:path';
import { expect, it } from 'vitest';
import { nativeInfo } from '../../lib/native/info.ts';
import { runScript, urlOf } from '../helpers/child.ts';
import type { FileResult } from './run-file.ts';

const { isasBuilt, isasSupported } = nativeInfo();

// The emulated arm64 run puts all vectors to neon (npm run test:arm64).
it.each(isasBuilt.filter((isa) => isasSupported.includes(isa)))(
  'products of SciPy, PyTorch and float64 are those of the %s kernels',
  (isa) => {
    const file = path.join(import.meta.dirname, 'csr_products.json');
    const script = `
      import { runFile } from ${JSON.stringify(urlOf('test/golden/run-file.ts'))};
      import { csrProducts } from ${JSON.stringify(urlOf('test/golden/adapters/csr-products.ts'))};
      import { nativeInfo } from ${JSON.stringify(urlOf('lib/native/info.ts'))};
      const result = await runFile(${JSON.stringify(file)}, csrProducts);
      console.log(JSON.stringify({ ...result, isa: nativeInfo().isa }));`;
    const { status, output, stderr } = runScript(script, { TFJS_SPARSE_ISA: isa });
    expect(status, stderr).toBe(0);
    const result = output as FileResult & { isa: string };
    expect(result).toMatchObject({ isa, failed: 0, failures: [] });
    expect(result.passed).toBeGreaterThan(20);
  },
);
