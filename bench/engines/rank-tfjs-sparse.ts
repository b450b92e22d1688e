import { applyMask, CsrMatrix, nativeInfo, rankNorms } from '../../lib/index.ts';
import { magnitudeMask } from '../../lib/sparse/masks.ts';
import { selectMagnitude } from '../../lib/sparse/ranking.ts';
import type { RankCase, RankOperation } from '../cases/rank-case.ts';
import { asWords, csrNumbers, readMagnitudes, readMask, readWeights } from '../cases/rank-files.ts';
import type { Engine } from '../runner/engine.ts';

/** The call that is timed, and its result as the runner compares it. */
interface Way {
  run(): unknown;
  result(): Float32Array;
}

function way<T>(call: () => T, result: (last: T) => Float32Array): Way {
  let last: T;
  return {
    run() {
      last = call();
    },
    result: () => result(last),
  };
}

const ways: Readonly<Record<RankOperation, (work: RankCase, out: boolean) => Way>> = {
  kth(work) {
    const magnitudes = readMagnitudes(work);
    const k = magnitudes.length - work.kept + 1;
    return way(
      () => selectMagnitude(magnitudes, k, { threads: work.threads }),
      (kth) => Float32Array.of(kth),
    );
  },
  mask(work, reuse) {
    const weights = readWeights(work);
    const out = reuse ? new Uint8Array(weights.length) : undefined;
    const options = { sparsity: work.sparsity, compat: 'tfmot', out, threads: work.threads } as const;
    return way(
      () => magnitudeMask(weights, options),
      ({ mask }) => asWords(mask),
    );
  },
  norms(work) {
    const weights = readWeights(work);
    return way(
      () => rankNorms(weights, [work.k, work.n], { over: 'outputs', threads: work.threads }),
      ({ norms }) => norms,
    );
  },
  'norms-inputs'(work) {
    const weights = readWeights(work);
    return way(
      () => rankNorms(weights, [work.n, work.k], { over: 'inputs', threads: work.threads }),
      ({ norms }) => norms,
    );
  },
  apply(work, reuse) {
    const weights = readWeights(work);
    const mask = readMask(work);
    const out = reuse ? new Float32Array(weights.length) : undefined;
    return way(
      () => applyMask(weights, mask, { out, threads: work.threads }),
      (masked) => masked,
    );
  },
  csr(work) {
    const weights = readWeights(work);
    return way(
      () => CsrMatrix.fromDense(weights, work.n, work.k, { threads: work.threads }),
      ({ values, colIndices }) => csrNumbers(values, colIndices),
    );
  },
};

function engine(name: string, reuse: boolean): Engine<RankCase> {
  return {
    name,
    async prepare(work) {
      const { run, result } = ways[work.operation](work, reuse);
      run();
      const first = result();
      return {
        run() {
          run();
          return first;
        },
        facts: () => ({ isa: nativeInfo().isa }),
      };
    },
  };
}

/** Fresh results at every call, as rivals that cannot reuse make them. */
export const rankTfjsSparse = engine('tfjs-sparse rank', false);
/** The same memory at every call, as a training loop would have it. */
export const rankTfjsSparseOut = engine('tfjs-sparse rank into out', true);

/** What `apply` is measured against: the same weights copied, by the fastest copy that JavaScript has. */
export const copyFloats: Engine<RankCase> = {
  name: 'copy',
  async prepare(work) {
    const weights = readWeights(work);
    const out = new Float32Array(weights.length);
    // It does not mask: its time is compared, and its result is that of `apply`.
    const masked = applyMask(weights, readMask(work));
    return {
      run() {
        out.set(weights);
        return masked;
      },
    };
  },
};
