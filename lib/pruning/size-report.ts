import type { GraphModel } from '@tensorflow/tfjs-converter';
import type { io } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type CompressedSizes, compressedSizes, type NamedFile } from './compressed-sizes.ts';
import { findWrappers } from './find-wrappers.ts';
import { countZeros } from './get-sparsity.ts';
import { tfc } from './peers.ts';
import { checkModel } from './rebuild-model.ts';
import { stripPruning } from './strip.ts';
import { isGraphModel, prunableTensors } from './weights-of.ts';

/** Sizes of a model. Bytes throughout. */
export interface SizeReport extends CompressedSizes {
  /**
   * Prunable weights as compressed sparse rows (4-byte values, 4-byte column indices, 4-byte row offsets, a row per
   * output), all other weights raw; model.json not counted.
   */
  csrBytes: number;
  /** Prunable weights as one bit per entry and 4 bytes per non-zero, all other weights raw; model.json not counted. */
  bitmaskBytes: number;
  /** All parameters of the plain model: biases and normalization included, masks not. */ parameters: number;
  /** `parameters` without the zeros of prunable weights. A bias that happens to be zero remains. */ remaining: number;
  /** parameters / remaining; its denominator is all parameters, not only the prunable ones. */ compressionRatio: number;
}

async function savedFiles(model: LayersModel | GraphModel): Promise<NamedFile[]> {
  let saved: io.ModelArtifacts | undefined;
  const handler = tfc.io.withSaveHandler(async (artifacts) => {
    saved = artifacts;
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
  });
  await model.save(handler);
  const artifacts = saved!;
  const { modelTopology, weightSpecs, format, generatedBy, convertedBy, signature, userDefinedMetadata } =
    artifacts;
  // What tfjs-node's file handler writes, key for key.
  const json = {
    modelTopology,
    weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
    format,
    generatedBy,
    convertedBy,
    ...(signature != null && { signature }),
    ...(userDefinedMetadata != null && { userDefinedMetadata }),
  };
  const weights = tfc.io.CompositeArrayBuffer.join(artifacts.weightData ?? new ArrayBuffer(0));
  return [
    { name: 'model.json', data: Buffer.from(JSON.stringify(json)) },
    { name: 'weights.bin', data: new Uint8Array(weights) },
  ];
}

function parametersOf(model: LayersModel | GraphModel): number {
  if (!isGraphModel(model)) return model.countParams();
  const tensors = Object.values(model.weights).flat();
  return tensors.reduce((sum, tensor) => sum + tensor.size, 0);
}

/** 1 / the fraction of parameters that remains; Infinity when none does. */
export function compressionRatio(parameters: number, zeros: number): number {
  return parameters / (parameters - zeros);
}

function storageOf(model: LayersModel | GraphModel) {
  const float = Float32Array.BYTES_PER_ELEMENT;
  const parameters = parametersOf(model);
  const sum = { csrBytes: parameters * float, bitmaskBytes: parameters * float, zeros: 0 };
  for (const { tensor } of prunableTensors('sizeReport', model)) {
    const zeros = countZeros(tensor.dataSync());
    const raw = tensor.size * float;
    const kept = (tensor.size - zeros) * float;
    const outputs = tensor.shape.at(-1) ?? 1;
    sum.csrBytes += 2 * kept + (outputs + 1) * float - raw;
    sum.bitmaskBytes += kept + Math.ceil(tensor.size / 8) - raw;
    sum.zeros += zeros;
  }
  return {
    csrBytes: sum.csrBytes,
    bitmaskBytes: sum.bitmaskBytes,
    parameters,
    remaining: parameters - sum.zeros,
    compressionRatio: compressionRatio(parameters, sum.zeros),
  };
}

/**
 * How large a model is: as files, packed by the usual packers, and in sparse storage. The files are model.json and
 * weights.bin as TF.js saves them, without the optimizer. A wrapped model is measured as what `stripPruning` makes of it.
 */
export async function sizeReport(model: LayersModel | GraphModel): Promise<SizeReport> {
  if (!isGraphModel(model)) checkModel('sizeReport', model);
  if (!isGraphModel(model) && findWrappers(model).length > 0) {
    const plain = stripPruning(model);
    try {
      return await sizeReport(plain);
    } finally {
      plain.dispose();
    }
  }
  return { ...(await compressedSizes(await savedFiles(model))), ...storageOf(model) };
}
