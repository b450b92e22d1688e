import { expect, it } from 'vitest';
import { encodeFloat16 } from '../../../lib/io/encode-float16.ts';
import { decodeFloat16 } from '../../../lib/io/float16.ts';

const all = Uint16Array.from({ length: 65536 }, (_, pattern) => pattern);
const isNan = (pattern: number) => (pattern & 0x7fff) > 0x7c00;

it('gives back every one of the 65,536 patterns (NaN as a NaN)', () => {
  const back = encodeFloat16(decodeFloat16(all));
  const wrong = [...all].filter((pattern) =>
    isNan(pattern) ? !isNan(back[pattern]!) : back[pattern] !== pattern,
  );
  expect(wrong).toEqual([]);
});

it('rounds what lies between two halves to the nearer, and the middle to the even one', () => {
  const finite = decodeFloat16(all.subarray(0, 0x7c00));
  for (let pattern = 0; pattern < 0x7bff; pattern++) {
    const [low, high] = [finite[pattern]!, finite[pattern + 1]!];
    // The middle of two halves and its neighbours are float32 numbers.
    const middle = (low + high) / 2;
    const step = (high - low) / 256;
    const got = encodeFloat16(Float32Array.of(middle - step, middle, middle + step, -middle));
    const even = pattern % 2 === 0 ? pattern : pattern + 1;
    expect([...got]).toEqual([pattern, even, pattern + 1, 0x8000 | even]);
  }
});

it('makes infinite what rounds past 65504, and 0 of what is too small', () => {
  const bits = (...values: number[]) => [...encodeFloat16(Float32Array.from(values))];
  expect(bits(65504, 65519, 65520, 1e38, -1e38)).toEqual([0x7bff, 0x7bff, 0x7c00, 0x7c00, 0xfc00]);
  expect(bits(2 ** -25, 2 ** -24, 1e-45, -1e-45, -0)).toEqual([0, 1, 0, 0x8000, 0x8000]);
});
