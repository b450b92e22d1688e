import type { io } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError } from '../errors.ts';
import { checkArray, checkChoice, checkOptions } from '../native/check.ts';
import { applyMask } from '../sparse/masks.ts';
import type { Mask } from '../sparse/structure.ts';
import { countZeros } from './get-sparsity.ts';
import { leafLayers } from './leaf-layers.ts';
import { localName } from './prunable-weights.ts';
import { dequantizeWeights, type QuantizedWeights, quantizeWeights } from './quantize-weights.ts';
import { checkModel } from './rebuild-model.ts';
import { savedArtifacts, weightBytes } from './saved-artifacts.ts';
import { stripPruning } from './strip.ts';

/** How {@link quantize} stores weights. */
export type ModelQuantization = 'float16' | 'uint8' | 'int8' | 'dynamicRange';

/** Options of {@link quantize}. */
export interface QuantizeModelOptions {
  /**
   * - `float16`: every float32 weight in half precision.
   * - `uint8`, `int8`: weights of rank 2 and more in 8 bits, affine or symmetric; biases and normalization in float32.
   * - `dynamicRange`: TFLite's name for `int8`: weights in 8 bits, activations and sums in float32, as TF.js computes anyway.
   */
  type: ModelQuantization;
  /** One scale per output instead of one per weight, of the 8-bit types; default false. */ perChannel?: boolean;
  /** Masks by `layer/weight`: what they prune is zero in the result, whatever stands in the model. */
  masks?: ReadonlyMap<string, Mask>;
}

/** What became of one weight. */
export interface QuantizedWeightReport {
  /** `layer/weight`. */ key: string;
  /** How the artifacts hold it. */ stored: 'float32' | 'float16' | 'uint8';
  /** Bytes in float32. */ rawBytes: number;
  /** Bytes in the artifacts. */ storedBytes: number;
  /** Bytes as `weights` holds it: data, scales and zero points. */ packedBytes: number;
  /** Greatest distance of an entry from what it was. */ maxError: number;
  /** Exact zeros, before (with masks applied) and after. */ zeros: {
    /** Entries that are 0 in the given weight, its mask applied. */ before: number;
    /** Entries that are 0 once the stored weight is read back. */ after: number;
  };
}

/** What {@link quantize} makes. */
export interface QuantizedModel {
  /** For `tf.io.fromMemory` and `tf.loadLayersModel`, or any save handler of TF.js: a plain loader reads them. */
  artifacts: io.ModelArtifacts;
  /** The quantized weights as such, by `layer/weight`. */ weights: Map<string, QuantizedWeights>;
  /** Weight by weight, and for the whole model. */
  report: {
    /** The quantized weights, in the order of the artifacts. */ weights: QuantizedWeightReport[];
    /** Bytes of all weights in float32. */ rawBytes: number;
    /** Bytes of all weights in the artifacts, those left in float32 included. */ storedBytes: number;
    /** Bytes of `weights`, and of those left in float32. */ packedBytes: number;
  };
}

const what = 'quantize';

type Spec = io.WeightsManifestEntry;

/** What the manifest of a model.json can say of a quantized weight: one scale and one least value for all of it. */
function manifestEntry(
  quantized: QuantizedWeights,
): { quantization: Spec['quantization']; bytes: Uint8Array } | undefined {
  const { data, scale, zeroPoint } = quantized;
  if (data instanceof Uint16Array) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { quantization: { dtype: 'float16', original_dtype: 'float32' } as Spec['quantization'], bytes };
  }
  if (scale.length !== 1) return undefined;
  // A loader computes q · scale + min in float64: with min = -(zero · scale), rounded the same way, zero comes out as 0.
  const zero = data instanceof Int8Array ? 128 : zeroPoint![0]!;
  const bytes = data instanceof Int8Array ? Uint8Array.from(data, (value) => value + 128) : data;
  // `0 - x` and not `-x`: JSON has no minus zero.
  return { quantization: { dtype: 'uint8', scale: scale[0]!, min: 0 - zero * scale[0]! }, bytes };
}

/** The keys of all weights, by the names under which TF.js saves them. */
function keysByName(model: LayersModel): Map<string, string> {
  return new Map(
    leafLayers(model).flatMap((layer) =>
      layer.weights.map((weight): [string, string] => [
        weight.originalName,
        `${layer.name}/${localName(layer, weight)}`,
      ]),
    ),
  );
}

function checkMasks(masks: QuantizeModelOptions['masks'], keys: readonly string[]): void {
  for (const key of masks?.keys() ?? []) {
    if (keys.includes(key)) continue;
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: masks name "${key}", which is no weight of the model, expected names of [${keys.join(', ')}].`,
      { tensor: key, expected: keys, received: key },
    );
  }
}

function isChosen(type: ModelQuantization, { dtype, shape }: Spec): boolean {
  return dtype === 'float32' && (type === 'float16' || shape.length >= 2);
}

function largestDistance(a: Float32Array, b: Float32Array): number {
  return a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i]!)), 0);
}

/**
 * Post-training quantization of a whole model. Zeros stay exactly zero in every type, so a pruned model stays pruned.
 *
 * A model.json can hold half precision, and 8 bits with one scale for a whole weight; TF.js turns both into float32 when it
 * loads. It has no place for a scale per channel: with `perChannel` the artifacts hold the rounded weights in float32 (the
 * model computes what it would, the file is no smaller before it is packed), and `weights` and `packedBytes` say what
 * they take in a format that has.
 *
 * @param model - Sequential or functional, built; a wrapped one counts as what `stripPruning` makes of it. Left as it was
 * @throws {@link SparseError} `ERR_SPARSE_NAN` or `ERR_SPARSE_OPTION` naming a weight that does not fit (not finite, or too
 *   large for half precision), `ERR_SPARSE_OPTION` for masks of another model, `ERR_SPARSE_MODEL`
 */
export async function quantize(model: LayersModel, options: QuantizeModelOptions): Promise<QuantizedModel> {
  checkOptions(what, options ?? null, ['type', 'perChannel', 'masks']);
  const choice = checkChoice(what, 'type', options.type, ['float16', 'uint8', 'int8', 'dynamicRange']);
  const type = choice === 'dynamicRange' ? 'int8' : choice;
  checkModel(what, model);
  const plain = stripPruning(model);
  try {
    const saved = await savedArtifacts(plain);
    const keys = keysByName(plain);
    checkMasks(options.masks, [...keys.values()]);
    return build(saved, keys, { type, perChannel: options.perChannel === true, masks: options.masks });
  } finally {
    plain.dispose();
  }
}

interface Settings {
  type: 'float16' | 'uint8' | 'int8';
  perChannel: boolean;
  masks: QuantizeModelOptions['masks'];
}

function build(
  saved: io.ModelArtifacts,
  keys: ReadonlyMap<string, string>,
  settings: Settings,
): QuantizedModel {
  const { type, perChannel, masks } = settings;
  const all = weightBytes(saved);
  const weights = new Map<string, QuantizedWeights>();
  const report: QuantizedWeightReport[] = [];
  const parts: Uint8Array[] = [];
  let at = 0;
  const weightSpecs = (saved.weightSpecs ?? []).map((spec): Spec => {
    const size = spec.shape.reduce((product, length) => product * length, 1);
    const raw = all.slice(at, at + size * 4);
    at += size * 4;
    const key = keys.get(spec.name) ?? spec.name;
    const mask = masks?.get(key);
    if (mask) checkArray(what, `mask of ${key}`, 'Uint8Array', mask, size);
    const given = new Float32Array(raw.buffer);
    const before = mask ? applyMask(given, mask) : given;
    if (!isChosen(type, spec)) {
      parts.push(new Uint8Array(before.buffer));
      return spec;
    }
    const quantized = quantizeWeights(before, spec.shape, { type, perChannel }, key);
    const after = dequantizeWeights(quantized);
    const entry = manifestEntry(quantized);
    const bytes = entry?.bytes ?? new Uint8Array(after.buffer);
    weights.set(key, quantized);
    parts.push(bytes);
    const { data, scale, zeroPoint } = quantized;
    const scales = type === 'float16' ? 0 : scale.byteLength + (zeroPoint?.length ?? 0);
    report.push({
      key,
      stored: entry ? (type === 'float16' ? 'float16' : 'uint8') : 'float32',
      rawBytes: raw.byteLength,
      storedBytes: bytes.byteLength,
      packedBytes: data.byteLength + scales,
      maxError: largestDistance(before, after),
      zeros: { before: countZeros(before), after: countZeros(after) },
    });
    return entry ? { ...spec, quantization: entry.quantization! } : spec;
  });
  const weightData = Buffer.concat(parts);
  const sum = (field: 'rawBytes' | 'storedBytes' | 'packedBytes') =>
    report.reduce((total, weight) => total + weight[field], 0);
  const others = all.byteLength - sum('rawBytes');
  return {
    artifacts: { ...saved, weightSpecs, weightData: new Uint8Array(weightData).buffer },
    weights,
    report: {
      weights: report,
      rawBytes: all.byteLength,
      storedBytes: others + sum('storedBytes'),
      packedBytes: others + sum('packedBytes'),
    },
  };
}
