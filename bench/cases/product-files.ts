import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { randomValues } from '../../lib/sparse/random.ts';
import { onnxMatmul } from './onnx-matmul.ts';
import type { ProductCase, WeightSpec } from './product-case.ts';
import { type CsrWeight, productWeights } from './product-weights.ts';

/** Files of a case's folder: little-endian, no header. */
const names = {
  /** float32 [k][n], as TF.js and ONNX hold a weight. */
  kernel: 'kernel.f32',
  /** CSR, a row per output: int32 n + 1, int32 nnz, float32 nnz. */
  offsets: 'offsets.i32',
  columns: 'columns.i32',
  values: 'values.f32',
  /** y = MatMul(x, kernel). */
  model: 'model.onnx',
};
/** The input of `m` rows: float32 [m][k]. */
export const inputFile = (folder: string, m: number) => path.join(folder, `x-${m}.f32`);

function write(file: string, data: Float32Array | Int32Array | Uint8Array): void {
  writeFileSync(file, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function readBytes(file: string): ArrayBuffer {
  return new Uint8Array(readFileSync(file)).buffer;
}

/** Writes the files of one weight that all engines read. @returns its number of weights that are not zero */
export function writeWeight(folder: string, spec: WeightSpec): number {
  mkdirSync(folder, { recursive: true });
  const csr = productWeights(spec);
  const kernel = new Float32Array(spec.k * spec.n);
  for (let output = 0; output < spec.n; output++)
    for (let p = csr.offsets[output]!; p < csr.offsets[output + 1]!; p++)
      kernel[csr.columns[p]! * spec.n + output] = csr.values[p]!;
  write(path.join(folder, names.kernel), kernel);
  write(path.join(folder, names.offsets), csr.offsets);
  write(path.join(folder, names.columns), csr.columns);
  write(path.join(folder, names.values), csr.values);
  write(path.join(folder, names.model), onnxMatmul(kernel, spec.k, spec.n));
  return csr.values.length;
}

/** Writes the input of `m` rows, unless it is there. */
export function writeInput(folder: string, m: number, k: number): void {
  const file = inputFile(folder, m);
  if (!existsSync(file)) write(file, randomValues(m * k, 2));
}

export const readKernel = (folder: string) => new Float32Array(readBytes(path.join(folder, names.kernel)));

export function readCsr(folder: string): CsrWeight {
  return {
    offsets: new Int32Array(readBytes(path.join(folder, names.offsets))),
    columns: new Int32Array(readBytes(path.join(folder, names.columns))),
    values: new Float32Array(readBytes(path.join(folder, names.values))),
  };
}

export const readInput = ({ folder, m }: ProductCase) => new Float32Array(readBytes(inputFile(folder, m)));

export const modelFile = (folder: string) => path.join(folder, names.model);
