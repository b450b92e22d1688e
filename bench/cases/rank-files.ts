import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { seededRandom } from '../../lib/sparse/random.ts';
import type { Distribution, RankCase } from './rank-case.ts';

/** Normally distributed, as the weights of a trained layer about are (Box and Muller's transform). */
export function normalWeights(count: number, seed: number): Float32Array {
  const next = seededRandom(seed);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    const angle = 2 * Math.PI * next();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < count) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}

const makers: Readonly<Record<Distribution, (normal: Float32Array, next: () => number) => Float32Array>> = {
  random: (normal) => normal,
  equal: (normal) => normal.fill(0.5),
  sorted: (normal) => normal.sort(),
  reversed: (normal) => normal.sort().reverse(),
  zeros90: (normal, next) => normal.map((v) => (next() < 0.9 ? 0 : v)),
  two: (normal) => normal.map((v) => (v < 0 ? 0.25 : 0.75)),
};

function bytesOf(data: Float32Array | Uint8Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Writes the weights of a distribution, their magnitudes, and a random mask that keeps half of them. */
export function writeRankFiles(folder: string, count: number, distribution: Distribution): void {
  mkdirSync(folder, { recursive: true });
  const next = seededRandom(8);
  const weights = makers[distribution](normalWeights(count, 7), next);
  const mask = new Uint8Array(count);
  for (let i = 0; i < count; i++) mask[i] = next() < 0.5 ? 1 : 0;
  writeFileSync(path.join(folder, 'weights.f32'), bytesOf(weights));
  writeFileSync(path.join(folder, 'magnitudes.f32'), bytesOf(weights.map(Math.abs)));
  writeFileSync(path.join(folder, 'mask.u8'), mask);
}

const read = (work: RankCase, name: string) => new Uint8Array(readFileSync(path.join(work.folder, name)));

export const readWeights = (work: RankCase) => new Float32Array(read(work, 'weights.f32').buffer);
export const readMagnitudes = (work: RankCase) => new Float32Array(read(work, 'magnitudes.f32').buffer);
export const readMask = (work: RankCase) => read(work, 'mask.u8');

/** A mask's bytes as the float32 words that the runner compares: equal words are equal bytes. */
export function asWords(mask: Uint8Array): Float32Array {
  const bytes = new Uint8Array(Math.ceil(mask.length / 4) * 4);
  bytes.set(mask);
  return new Float32Array(bytes.buffer);
}

/** CSR as one list of numbers, for the comparison: values, then columns. */
export function csrNumbers(values: Float32Array, columns: Int32Array): Float32Array {
  const all = new Float32Array(values.length * 2);
  all.set(values);
  all.set(columns, values.length);
  return all;
}
