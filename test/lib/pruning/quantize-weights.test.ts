import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dequantizeWeights,
  type QuantizeOptions,
  quantizeWeights,
} from '../../../lib/pruning/quantize-weights.ts';
import { failure } from '../sparse/failure.ts';

const f32 = (...values: number[]) => Float32Array.from(values);

describe('int8', () => {
  it('spans the greatest magnitude to both sides', () => {
    const { data, scale, zeroPoint } = quantizeWeights(f32(-1.27, 0, 0.635, 0.01), [4], { type: 'int8' });
    expect([...data]).toEqual([-127, 0, 64, 1]);
    expect(scale[0]).toBe(Math.fround(Math.fround(1.27) / 127));
    expect(zeroPoint).toBeUndefined();
  });

  it('has a scale per output when asked', () => {
    const values = f32(1, 100, -0.5, 50, 0, -100);
    const { data, scale } = quantizeWeights(values, [3, 2], { type: 'int8', perChannel: true });
    expect([...data]).toEqual([127, 127, -64, 64, 0, -127]);
    expect([...scale]).toEqual([Math.fround(1 / 127), Math.fround(100 / 127)]);
  });
});

describe('uint8', () => {
  it('spans from the least to the greatest value, with a whole number for 0', () => {
    const { data, scale, zeroPoint } = quantizeWeights(f32(-1, 0, 1.55, 0.5), [4], { type: 'uint8' });
    expect(scale[0]).toBeCloseTo(0.01, 7);
    expect([...zeroPoint!]).toEqual([100]);
    expect([...data]).toEqual([0, 100, 255, 150]);
  });

  it('includes 0 where all values are on one side of it', () => {
    const above = quantizeWeights(f32(6, 10), [2], { type: 'uint8' });
    expect([...above.zeroPoint!, ...above.data]).toEqual([0, 153, 255]);
    const below = quantizeWeights(f32(-6, -10), [2], { type: 'uint8' });
    expect([...below.zeroPoint!]).toEqual([255]);
    expect([...below.data]).toEqual([102, 0]);
  });
});

describe('float16', () => {
  it('is the nearest half', () => {
    const made = quantizeWeights(f32(1, -2, 0.1, 0), [2, 2], { type: 'float16' });
    expect([...made.data]).toEqual([0x3c00, 0xc000, 0x2e66, 0]);
    expect([...made.scale]).toEqual([1]);
    expect(dequantizeWeights(made)[2]).toBeCloseTo(0.1, 4);
  });

  it('refuses what is too large for it', () => {
    const error = failure(() => quantizeWeights(f32(0, 65520), [2], { type: 'float16' }, 'dense/kernel'));
    expect(error).toMatchObject({ code: 'ERR_SPARSE_OPTION', tensor: 'dense/kernel', received: 65520 });
    expect(quantizeWeights(f32(65519), [1], { type: 'float16' }).data[0]).toBe(0x7bff);
  });
});

describe('every type', () => {
  const options: QuantizeOptions[] = [
    { type: 'float16' },
    { type: 'int8' },
    { type: 'int8', perChannel: true },
    { type: 'uint8' },
    { type: 'uint8', perChannel: true },
  ];
  const weights = fc.array(
    fc.oneof(
      fc.constant(0),
      fc.constant(-0),
      fc.float({ noNaN: true, noDefaultInfinity: true, min: -60000, max: 60000 }),
    ),
    { minLength: 1, maxLength: 60 },
  );

  it.each(options)('%o gives back 0 for 0, and the rest within half a step', (option) => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 4 }), (list, outputs) => {
        const values = Float32Array.from(list.slice(0, list.length - (list.length % outputs)));
        const made = quantizeWeights(values, [values.length / outputs, outputs], option);
        const back = dequantizeWeights(made);
        values.forEach((value, i) => {
          if (value === 0) expect(back[i] === 0).toBe(true);
          const scale = made.scale[i % made.scale.length]!;
          // Half a step, and for uint8 the rounding of the zero point; half a unit of the 11th bit for halves.
          const allowed =
            option.type === 'float16' ? Math.max(Math.abs(value) * 2 ** -11, 2 ** -25) : scale * (1 + 1e-5);
          expect(Math.abs(back[i]! - value)).toBeLessThanOrEqual(allowed);
        });
      }),
    );
  });

  it.each(options)('%o of all zeros, and of nothing, is all zeros', (option) => {
    const zeros = quantizeWeights(f32(0, -0, 0, 0), [2, 2], option);
    expect([...dequantizeWeights(zeros)].every((value) => value === 0)).toBe(true);
    expect(dequantizeWeights(quantizeWeights(f32(), [0, 2], option))).toHaveLength(0);
  });

  it.each(options)('%o takes the least float32', (option) => {
    const made = quantizeWeights(f32(1e-45, -1e-45, 0, 0), [2, 2], option);
    expect(made.scale.every((scale) => scale > 0)).toBe(true);
    expect([...dequantizeWeights(made)].every((value) => Math.abs(value) <= 2e-45)).toBe(true);
  });

  it.each(options)('%o refuses NaN and infinities by name and place', (option) => {
    const refused = (value: number) =>
      failure(() => quantizeWeights(f32(1, value), [1, 2], option, 'dense/kernel'));
    expect(refused(Number.NaN)).toMatchObject({ code: 'ERR_SPARSE_NAN', tensor: 'dense/kernel' });
    expect(refused(Number.NEGATIVE_INFINITY).message).toContain('dense/kernel[1]');
  });
});

describe('bad input', () => {
  it('of quantizeWeights', () => {
    expect(failure(() => quantizeWeights(f32(1), [2], { type: 'int8' })).code).toBe('ERR_SPARSE_SHAPE');
    expect(failure(() => quantizeWeights(f32(1), [1], { type: 'int4' as 'int8' })).code).toBe(
      'ERR_SPARSE_OPTION',
    );
    expect(
      failure(() => quantizeWeights(f32(1), [1], { type: 'int8', perchannel: true } as never)).message,
    ).toContain('perChannel');
  });

  it('of dequantizeWeights', () => {
    const scale = f32(1, 2);
    expect(failure(() => dequantizeWeights({ data: new Int8Array(3), scale })).code).toBe('ERR_SPARSE_SHAPE');
    expect(failure(() => dequantizeWeights({ data: f32(1) as never, scale })).code).toBe(
      'ERR_SPARSE_ARGUMENT',
    );
    const zeroPoint = new Int32Array(1);
    expect(failure(() => dequantizeWeights({ data: new Uint8Array(2), scale, zeroPoint })).code).toBe(
      'ERR_SPARSE_SHAPE',
    );
  });
});
