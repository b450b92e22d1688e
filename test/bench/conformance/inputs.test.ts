import { expect, it } from 'vitest';
import { describeInputs, inputSets } from '../../../bench/conformance/inputs.ts';
import type { TensorInfo } from '../../../lib/session/ports.ts';

const photograph = {
  resized: async (height: number, width: number, channels: number) =>
    new Float32Array(height * width * channels).fill(255),
};
const picture: TensorInfo = { name: 'picture', shape: [null, 20, 24, 3], dtype: 'float32' };
const words: TensorInfo = { name: 'words', shape: [null, 50], dtype: 'float32' };
const features: TensorInfo = { name: 'features', shape: [1, 7], dtype: 'float32' };
const whole: TensorInfo = { name: 'whole', shape: [1, 16, 16, 1], dtype: 'int32' };

it('shows photographs in the range that a model wants, and random numbers where it wants none', async () => {
  const wishes = { range: 'signed' as const, ids: { words: 9 } };
  const ports = [picture, words, features, whole];
  const [first, second] = await inputSets(ports, [photograph, photograph], wishes);
  expect(first!.map(({ length }) => length)).toEqual([1440, 50, 7, 256]);
  expect(first![0]![0]).toBe(1);
  expect(first![1]!.every((id) => Number.isInteger(id) && id >= 0 && id < 9)).toBe(true);
  expect(first![2]!.every((value) => value >= 0 && value < 1)).toBe(true);
  expect(first![3]).toBeInstanceOf(Int32Array);
  expect(first![3]![0]).toBe(255);
  expect(second![2]).not.toEqual(first![2]);
  expect(describeInputs(ports, wishes)).toBe(
    '1×20×24×3 photo, -1 to 1; 1×50 ids below 9; 1×7 random, 0 to 1; 1×16×16×1 photo, 0 to 255',
  );
});
