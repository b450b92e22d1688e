import type { TensorInfo, Values } from '../../lib/session/ports.ts';
import { randomValues } from '../../lib/sparse/random.ts';
import type { Photograph } from './photographs.ts';

/** How a model wants its pictures: from 0 to 1, from -1 to 1, or from 0 to 255. */
export type PixelRange = 'unit' | 'signed' | 'byte';

/** Values of one run, by input, in the order of the ports; `batch` of every open dimension is 1. */
export type InputSet = Values[];

const sizes = ({ shape }: TensorInfo) => shape.map((size) => size ?? 1);
const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Height, width and channels of a port that takes one picture. */
function pictureShape(port: TensorInfo): [height: number, width: number, channels: number] | undefined {
  const [batch, height, width, channels, ...rest] = sizes(port);
  if (batch !== 1 || rest.length > 0 || !(channels === 1 || channels === 3)) return undefined;
  return height! >= 16 && width! >= 16 ? [height!, width!, channels] : undefined;
}

function pixelValues(pixels: Float32Array, dtype: TensorInfo['dtype'], range: PixelRange): Values {
  if (dtype !== 'float32') return Int32Array.from(pixels, Math.round);
  if (range === 'byte') return pixels;
  return pixels.map(range === 'unit' ? (v) => v / 255 : (v) => v / 127.5 - 1);
}

/** Whole numbers are ids or sizes: small ones, unless a bound is given. */
function randomInput(port: TensorInfo, seed: number, below?: number): Values {
  const values = randomValues(product(sizes(port)), seed);
  const bound = below ?? 16;
  if (port.dtype !== 'float32') return Int32Array.from(values, (v) => Math.floor(v * bound));
  return below === undefined ? values : values.map((v) => Math.floor(v * bound));
}

export interface InputWishes {
  range: PixelRange;
  /** What is no picture is a text: whole numbers below this. */
  words?: number;
}

/** A set for every photograph; what is no picture gets seeded random numbers. */
export async function inputSets(
  ports: readonly TensorInfo[],
  photographs: readonly Photograph[],
  { range, words }: InputWishes,
): Promise<InputSet[]> {
  return Promise.all(
    photographs.map((photograph, set) =>
      Promise.all(
        ports.map(async (port, i) => {
          const picture = pictureShape(port);
          if (picture === undefined) return randomInput(port, 100 * set + i + 1, words);
          return pixelValues(await photograph.resized(...picture), port.dtype, range);
        }),
      ),
    ),
  );
}

/** `1×224×224×3 photograph, 0 to 1`, for each port. */
export function describeInputs(ports: readonly TensorInfo[], { range, words }: InputWishes): string {
  const about = (port: TensorInfo) => {
    if (pictureShape(port) === undefined && words !== undefined) return `words below ${words}`;
    if (pictureShape(port) === undefined)
      return port.dtype === 'float32' ? 'random, 0 to 1' : 'random, 0 to 15';
    if (port.dtype !== 'float32' || range === 'byte') return 'photo, 0 to 255';
    return range === 'unit' ? 'photo, 0 to 1' : 'photo, -1 to 1';
  };
  return ports.map((port) => `${sizes(port).join('×')} ${about(port)}`).join('; ');
}
