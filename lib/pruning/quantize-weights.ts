import { SparseError } from '../errors.ts';
import { encodeFloat16 } from '../io/encode-float16.ts';
import { decodeFloat16 } from '../io/float16.ts';
import { checkArray, checkChoice, checkFloat32Array, checkOptions, describeType } from '../native/check.ts';
import { checkShape } from '../sparse/check-shape.ts';
import { refuseNan } from '../sparse/refuse-nan.ts';
import { roundHalfEven } from '../sparse/round.ts';

/** How {@link quantizeWeights} stores values. */
export type QuantizedType = 'float16' | 'uint8' | 'int8';

/** Options of {@link quantizeWeights}. */
export interface QuantizeOptions {
  /**
   * - `float16`: half precision.
   * - `int8`: symmetric, -127 to 127; value = data · scale.
   * - `uint8`: affine, 0 to 255; value = (data - zeroPoint) · scale.
   */
  type: QuantizedType;
  /** One scale per output (the last axis) instead of one for the whole weight; default false. Of float16: nothing to do. */
  perChannel?: boolean;
}

/** A weight in fewer bits. */
export interface QuantizedWeights {
  /** As many as values: bit patterns of halves (Uint16Array), or whole numbers. */
  data: Uint16Array | Uint8Array | Int8Array;
  /** What one step of `data` is worth: one number, or one per channel; [1] for float16. */
  scale: Float32Array;
  /** Of uint8: which number stands for 0, one or one per channel, in [0, 255]. */
  zeroPoint?: Int32Array;
}

/** Greatest half. */
const largestHalf = 65504;
/** Least positive float32: no scale may round to 0. */
const leastScale = 2 ** -149;

function refuseUnfit(name: string, value: number, index: number, expected: string): never {
  throw new SparseError(
    'ERR_SPARSE_OPTION',
    `quantizeWeights: ${name}[${index}] is ${value}, expected ${expected}. Keep this weight in float32.`,
    { tensor: name, expected, received: value },
  );
}

function toHalves(values: Float32Array, name: string): QuantizedWeights {
  // What rounds to 65504 still fits.
  const index = values.findIndex((value) => Math.abs(value) >= largestHalf + 16);
  if (index >= 0)
    refuseUnfit(name, values[index]!, index, `a magnitude of at most ${largestHalf} for float16`);
  return { data: encodeFloat16(values), scale: Float32Array.of(1) };
}

/** The scale of each channel, from the least and the greatest of its values and 0. */
function scalesOf(values: Float32Array, channels: number, type: 'uint8' | 'int8') {
  const low = new Float32Array(channels);
  const high = new Float32Array(channels);
  for (let i = 0; i < values.length; i++) {
    const [channel, value] = [i % channels, values[i]!];
    if (value < low[channel]!) low[channel] = value;
    if (value > high[channel]!) high[channel] = value;
  }
  const scale = low.map((least, c) => {
    const most = high[c]!;
    if (least === 0 && most === 0) return 1;
    const step = type === 'uint8' ? most / 255 - least / 255 : Math.max(most, -least) / 127;
    return Math.max(step, leastScale);
  });
  if (type === 'int8') return { scale };
  const zeroPoint = Int32Array.from(low, (least, c) => Math.min(255, roundHalfEven(-least / scale[c]!)));
  return { scale, zeroPoint };
}

/**
 * Post-training quantization of one weight. 0 is exactly representable in every type, so what is 0 comes back as 0 and a
 * pruned weight stays pruned; other values are rounded to the nearest step, even on a tie, and small ones may become 0.
 *
 * uint8 spans from the least to the greatest value, 0 included; int8 spans the greatest magnitude to both sides. With
 * `perChannel` a channel is an output, an entry of the last axis.
 *
 * @param values - row-major, as many as the shape says; finite, and for float16 below 65520 in magnitude
 * @param name - what the weight is called in errors
 * @throws {@link SparseError} `ERR_SPARSE_NAN` with the position, `ERR_SPARSE_OPTION` for what is infinite or too large,
 * `ERR_SPARSE_SHAPE`, `ERR_SPARSE_DTYPE`
 * @see Jacob et al. 2018, "Quantization and Training of Neural Networks", arXiv:1712.05877, section 2.1
 */
export function quantizeWeights(
  values: Float32Array,
  shape: readonly number[],
  options: QuantizeOptions,
  name = 'values',
): QuantizedWeights {
  const what = 'quantizeWeights';
  checkFloat32Array(what, name, values, checkShape(what, shape));
  checkOptions(what, options, ['type', 'perChannel']);
  const type = checkChoice(what, 'type', options?.type, ['float16', 'uint8', 'int8']);
  refuseNan(what, name, values);
  const infinite = values.findIndex((value) => !Number.isFinite(value));
  if (infinite >= 0) refuseUnfit(name, values[infinite]!, infinite, 'a finite number');
  if (type === 'float16') return toHalves(values, name);
  const channels = options.perChannel === true ? (shape.at(-1) ?? 1) : 1;
  const { scale, zeroPoint } = scalesOf(values, channels, type);
  const [least, most] = type === 'uint8' ? [0, 255] : [-127, 127];
  const data = type === 'uint8' ? new Uint8Array(values.length) : new Int8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const channel = i % channels;
    const step = roundHalfEven(values[i]! / scale[channel]!) + (zeroPoint?.[channel] ?? 0);
    data[i] = Math.min(most, Math.max(least, step));
  }
  return zeroPoint ? { data, scale, zeroPoint } : { data, scale };
}

/**
 * The values that quantized data stands for: the half itself, or (data - zeroPoint) · scale, rounded to float32 once.
 * As many scales as channels: entry i belongs to channel i modulo their number.
 *
 * @throws {@link SparseError} `ERR_SPARSE_SHAPE` when the data is no whole number of channels, `ERR_SPARSE_ARGUMENT`
 */
export function dequantizeWeights({ data, scale, zeroPoint }: QuantizedWeights): Float32Array {
  const what = 'dequantizeWeights';
  if (data instanceof Uint16Array) return decodeFloat16(data);
  if (!(data instanceof Uint8Array || data instanceof Int8Array)) {
    const received = describeType(data);
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${what}: data is ${received}, expected a Uint16Array, Uint8Array or Int8Array.`,
      { tensor: 'data', expected: 'Uint16Array, Uint8Array or Int8Array', received },
    );
  }
  checkFloat32Array(what, 'scale', scale);
  if (zeroPoint !== undefined) checkArray(what, 'zeroPoint', 'Int32Array', zeroPoint, scale.length);
  const channels = scale.length;
  if (channels === 0 ? data.length > 0 : data.length % channels !== 0) {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `${what}: data has ${data.length} elements, expected a multiple of ${channels} channels.`,
      { tensor: 'data', expected: `a multiple of ${channels}`, received: data.length },
    );
  }
  return Float32Array.from(
    data,
    (step, i) => (step - (zeroPoint?.[i % channels] ?? 0)) * scale[i % channels]!,
  );
}
