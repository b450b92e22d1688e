/** Half precision to single: all 65,536 values fit in one table, made on first use. */
let table: Float32Array | undefined;

/** The float32 of each 16-bit pattern. Exact, subnormals, infinities and NaN included. */
export function decodeFloat16(bits: Uint16Array): Float32Array {
  table ??= Float32Array.from({ length: 65536 }, (_, pattern) => halfToFloat(pattern));
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) values[i] = table[bits[i]!]!;
  return values;
}

function halfToFloat(pattern: number): number {
  const sign = pattern & 0x8000 ? -1 : 1;
  const exponent = (pattern >> 10) & 0x1f;
  const fraction = pattern & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
