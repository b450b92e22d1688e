import { balancedCounts, defaultBalancedGroup } from '../../lib/sparse/balanced.ts';
import { seededRandom } from '../../lib/sparse/random.ts';
import { type Storage, storages, type WeightSpec } from './product-case.ts';
import { sparseWeights } from './sparse-weights.ts';

/** CSR of a weight: a row is an output. */
export interface CsrWeight {
  offsets: Int32Array;
  columns: Int32Array;
  values: Float32Array;
}

/** Calls `keep` with each position that a pattern keeps, outputs rising, inputs rising. */
type Pattern = (
  spec: WeightSpec,
  next: () => number,
) => (output: number, keep: (input: number) => void) => void;

/** The same random inputs for `size` neighbouring outputs, so that they live or die together; counts are exact. */
function blocks(size: number): Pattern {
  return (spec, next) => {
    const groups = Math.ceil(spec.n / size);
    const cells = groups * spec.k;
    let left = cells;
    let kept = cells - Math.round(cells * spec.sparsity);
    let row: number[] = [];
    return (output, keep) => {
      if (output % size === 0) {
        row = [];
        for (let input = 0; input < spec.k; input++, left--) {
          if (next() * left >= kept) continue;
          kept--;
          row.push(input);
        }
      }
      row.forEach(keep);
    };
  };
}

/** In every block of 32 inputs each output keeps the same number of them, at random places. */
const balanced: Pattern = (spec, next) => {
  const counts = balancedCounts(spec.k, defaultBalancedGroup, 1 - spec.sparsity);
  return (_output, keep) => {
    for (const [block, count] of counts.entries()) {
      const begin = block * defaultBalancedGroup;
      const end = Math.min(spec.k, begin + defaultBalancedGroup);
      let kept = count;
      for (let input = begin; input < end; input++) {
        if (next() * (end - input) >= kept) continue;
        kept--;
        keep(input);
      }
    }
  };
};

const patterns: Readonly<Record<WeightSpec['structure'], Pattern>> = {
  unstructured: blocks(1),
  balanced,
  block2: blocks(2),
  block4: blocks(4),
  block8: blocks(8),
  dense: (spec) => (_output, keep) => {
    for (let input = 0; input < spec.k; input++) keep(input);
  },
};

const words = new Uint32Array(1);
const floats = new Float32Array(words.buffer);

/** To the nearest bfloat16, ties to even: the upper half of a float32's bits. */
function toBfloat16(value: number): number {
  floats[0] = value;
  words[0] = ((words[0]! + 0x7fff + ((words[0]! >>> 16) & 1)) & 0xffff0000) >>> 0;
  return floats[0]!;
}

/** Multiples of 1/127 of the row's largest magnitude, and none of them zero. */
function toInt8(row: Float32Array): void {
  const scale = Math.fround(row.reduce((most, v) => Math.max(most, Math.abs(v)), 0) / 127);
  for (let i = 0; i < row.length; i++) row[i] = (Math.round(row[i]! / scale) || 1) * scale;
}

const rounding: Readonly<Record<Storage, (row: Float32Array) => void>> = {
  float32: () => {},
  bfloat16: (row) => {
    row.set(row.map(toBfloat16));
  },
  int8: toInt8,
};

/** The weight of a spec. Stored values are never zero. */
export function productWeights(spec: WeightSpec): CsrWeight {
  if (!storages.includes(spec.storage)) throw new Error(`no storage "${spec.storage}"`);
  const next = seededRandom(spec.seed);
  const pattern = patterns[spec.structure](spec, next);
  const offsets = new Int32Array(spec.n + 1);
  const rows: number[][] = [];
  for (let output = 0; output < spec.n; output++) {
    const row: number[] = [];
    pattern(output, (input) => row.push(input));
    rows.push(row);
    offsets[output + 1] = offsets[output]! + row.length;
  }
  const columns = new Int32Array(offsets[spec.n]!);
  for (const [output, row] of rows.entries()) columns.set(row, offsets[output]);
  const values = sparseWeights(columns.length, spec.k, 0, spec.seed + 1);
  for (let output = 0; output < spec.n; output++)
    rounding[spec.storage](values.subarray(offsets[output], offsets[output + 1]));
  return { offsets, columns, values };
}
