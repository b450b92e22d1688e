import type { Plan } from '../../lib/plan/plan.ts';
import type { Storage } from '../../lib/sparse/storage.ts';

/** The nearest bfloat16, ties to even. */
function bfloat16(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  const upper = bits[0]! & 0xffff0000;
  const lower = bits[0]! & 0xffff;
  const isUp = lower > 0x8000 || (lower === 0x8000 && (upper & 0x10000) !== 0);
  return new Float32Array(Uint32Array.of(upper + (isUp ? 0x10000 : 0)).buffer)[0]!;
}

function roundHalfEven(value: number): number {
  const down = Math.floor(value);
  if (value - down !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}

/** Scale of each output of a weight [n, k] as int8. */
export function int8Scales(weight: Float32Array, n: number, k: number): Float32Array {
  return Float32Array.from({ length: n }, (_, output) => {
    const row = weight.subarray(output * k, (output + 1) * k);
    return row.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) / 127;
  });
}

/** What a storage keeps of a weight [n, k], as it is multiplied: the slow way, from the definition. */
export function storedWeight(weight: Float32Array, n: number, k: number, storage: Storage): Float32Array {
  if (storage === 'float32') return weight;
  if (storage === 'bfloat16') return weight.map(bfloat16);
  const scales = int8Scales(weight, n, k);
  return weight.map((value, i) => {
    const scale = scales[Math.floor(i / k)]!;
    return scale === 0 ? 0 : scale * roundHalfEven(Math.fround(value / scale));
  });
}

/** A plan whose products have the weights that a storage keeps. */
export function storedPlan(plan: Plan, storage: Storage): Plan {
  const tensors = { ...plan.tensors };
  for (const step of plan.steps) {
    if (step.op !== 'matmul' && step.op !== 'conv2d') continue;
    const { shape, data } = plan.tensors[step.weight]!;
    tensors[step.weight] = { shape, data: storedWeight(data, step.n, step.k, storage) };
  }
  return { ...plan, tensors };
}
