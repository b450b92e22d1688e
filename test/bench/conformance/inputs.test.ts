import { expect, it } from 'vitest';
import { describeInputs, inputSets } from '../../../bench/conformance/inputs.ts';
import type { TensorInfo } from '../../../lib/session/ports.ts';

const photograph = {
  resized: async (height: number, width: number, channels: number) =>
    new Float32Array(height * width * channels).fill(255),
};
const picture: TensorInfo = { name: 'picture', shape: [null, 20, 24, 3], dtype: 'float32' };
const text: TensorInfo = { name: 'words', shape: [null, 50], dtype: 'float32' };
const features: TensorInfo = { name: 'features', shape: [1, 7], dtype: 'float32' };
const whole: TensorInfo = { name: 'whole', shape: [1, 16, 16, 1], dtype: 'int32' };

it('shows photographs in the range that a model wants, and random numbers where it wants none', async () => {
  const wishes = { range: 'signed' as const };
  const ports = [picture, features, whole];
  const [first, second] = await inputSets(ports, [photograph, photograph], wishes);
  expect(first!.map(({ length }) => length)).toEqual([1440, 7, 256]);
  expect(first![0]![0]).toBe(1);
  expect(first![1]!.every((value) => value >= 0 && value < 1)).toBe(true);
  expect(first![2]).toBeInstanceOf(Int32Array);
  expect(first![2]![0]).toBe(255);
  expect(second![1]).not.toEqual(first![1]);
  expect(describeInputs(ports, wishes)).toBe(
    '1×20×24×3 photo, -1 to 1; 1×7 random, 0 to 1; 1×16×16×1 photo, 0 to 255',
  );
});

it('feeds texts as whole numbers below the number of words', async () => {
  const wishes = { range: 'unit' as const, words: 9 };
  const [[ids] = []] = await inputSets([text], [photograph], wishes);
  expect(ids!.every((id) => Number.isInteger(id) && id >= 0 && id < 9)).toBe(true);
  expect(describeInputs([text], wishes)).toBe('1×50 words below 9');
});
