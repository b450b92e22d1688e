import type { GraphModel } from '@tensorflow/tfjs-converter';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type CompressedSizes, compressedSizes, type NamedFile } from './compressed-sizes.ts';
import { findWrappers } from './find-wrappers.ts';
import { checkModel } from './rebuild-model.ts';
import { savedArtifacts, weightBytes } from './saved-artifacts.ts';
import { stripPruning } from './strip.ts';
import { type SparseStorage, type StoredWeight, sparseStorage, storedWeights } from './weight-storage.ts';
import { isGraphModel } from './weights-of.ts';

/** Sizes of one layer's weights, each layer packed on its own. Bytes throughout. */
export interface LayerSize extends CompressedSizes, SparseStorage {
  /** Name of the layer; in a GraphModel what its nodes' names have before their last slash. */ layer: string;
}

/** Sizes of a model. Bytes throughout. */
export interface SizeReport extends CompressedSizes, SparseStorage {
  /** The layers that have weights, in the order of the model. Packed sizes do not add up to the whole's. */
  layers: LayerSize[];
}

async function savedFiles(model: LayersModel | GraphModel): Promise<NamedFile[]> {
  const artifacts = await savedArtifacts(model);
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
  return [
    { name: 'model.json', data: Buffer.from(JSON.stringify(json)) },
    { name: 'weights.bin', data: weightBytes(artifacts) },
  ];
}

function bytesOf(weights: readonly StoredWeight[]): Uint8Array {
  const parts = weights.map(({ tensor }) => {
    const values = tensor.dataSync();
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  });
  return Buffer.concat(parts);
}

async function layerSizes(weights: readonly StoredWeight[]): Promise<LayerSize[]> {
  const byLayer = new Map<string, StoredWeight[]>();
  for (const weight of weights) byLayer.set(weight.layer, [...(byLayer.get(weight.layer) ?? []), weight]);
  const sizes: LayerSize[] = [];
  for (const [layer, own] of byLayer) {
    const packed = await compressedSizes([{ name: 'weights.bin', data: bytesOf(own) }]);
    sizes.push({ layer, ...packed, ...sparseStorage(own) });
  }
  return sizes;
}

/**
 * How large a model is: as files, packed by the usual packers, and in sparse storage, whole and layer by layer. The files
 * are model.json and weights.bin as TF.js saves them, without the optimizer. A wrapped model is measured as what
 * `stripPruning` makes of it.
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
  const weights = storedWeights('sizeReport', model);
  const files = await compressedSizes(await savedFiles(model));
  return { ...files, ...sparseStorage(weights), layers: await layerSizes(weights) };
}
