import { CsrMatrix, compile, nativeInfo } from '../../lib/index.ts';
import { timeCalls } from '../../lib/measure/turns.ts';
import { sessionOptionNames } from '../../lib/session/options.ts';
import { artifactsOf } from '../cases/artifacts.ts';
import { modelCase } from '../cases/model-case.ts';
import type { ProductCase } from '../cases/product-case.ts';
import { readCsr, readInput } from '../cases/product-files.ts';
import type { Engine } from '../runner/engine.ts';

interface Way {
  binding: string;
  run(): unknown;
}

/** The faster of two: the least of a few timed calls. */
function fastest(ways: readonly Way[]): Way {
  const least = ({ run }: Way) => Math.min(...Array.from({ length: 7 }, () => timeCalls(run, 3)));
  const times = ways.map(least);
  return ways[times.indexOf(Math.min(...times))]!;
}

/** Our own product: a session of one Dense layer, or CsrMatrix.matmul where that is faster, both into a reused `out`. */
function product(name: string, sparse: 'auto' | 'never'): Engine<ProductCase> {
  return {
    name,
    async prepare(work) {
      const { n, k, m, threads, storage } = work;
      const stores = (sessionOptionNames as readonly string[]).includes('storage');
      if (storage !== 'float32' && !stores)
        return { unavailable: 'this version stores weights as float32 only' };
      const stored = stores ? { storage } : {};
      const { model } = modelCase(work);
      const session = await compile(await artifactsOf(model), { sparse, batch: [m], threads, ...stored });
      const x = readInput(work);
      const out = new Float32Array(m * n);
      const ways: Way[] = [{ binding: 'session.run', run: () => session.run(x, { out }) }];
      if (sparse === 'auto' && storage === 'float32') {
        const { offsets: rowOffsets, columns: colIndices, values } = readCsr(work.folder);
        const csr = CsrMatrix.fromParts({ rows: n, cols: k, rowOffsets, colIndices, values });
        ways.push({ binding: 'CsrMatrix.matmul', run: () => csr.matmul(x, m, { out, threads }) });
      }
      const { binding, run } = ways.length > 1 ? fastest(ways) : ways[0]!;
      const kernels = session.describe().steps.map((step) => step.kernel);
      return {
        run() {
          run();
          return out;
        },
        facts: () => ({ isa: nativeInfo().isa, binding, kernel: kernels.join(' ') }),
        dispose: () => session.dispose(),
      };
    },
  };
}

/** As users get it: the fastest path for the layer. */
export const tfjsSparse = product('tfjs-sparse', 'auto');
/** With the sparse kernels switched off. */
export const tfjsSparseDense = product('tfjs-sparse dense', 'never');
