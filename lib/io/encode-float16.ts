const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/** The 16-bit pattern of the half nearest to a float32, even on a tie. Too large ones become infinite; NaN stays NaN. */
function halfPattern(value: number): number {
  single[0] = value;
  const bits = singleBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  // 65520, half way from the largest half to the next power of two, and all above it.
  if (size >= 0x477ff000) return sign | 0x7c00;
  if (size < 0x38800000) {
    // Below the smallest normal half: a whole number of 2⁻²⁴, so that adding 2²³ of them rounds as wanted.
    single[0] = Math.abs(value) * 2 ** 24;
    single[0] = single[0] + 2 ** 23;
    return sign | (single[0] - 2 ** 23);
  }
  const rounded = size + 0xfff + ((size >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** Float32 to the bits of half precision, rounded to the nearest, even on a tie. */
export function encodeFloat16(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, halfPattern);
}
