import { types } from 'node:util';
import { SparseError } from '../errors.ts';
import type { Artifacts, Weight } from './artifacts.ts';
import { decodeWeights } from './decode-weights.ts';
import { isRecord } from './is-record.ts';
import { captureArtifacts } from './live-model.ts';
import { readModelJson, signatureOf } from './model-json.ts';
import type { ArtifactsLike, ModelSource, SavableModel } from './model-source.ts';

/**
 * Reads a model from any source into a topology and decoded weights. Needs no TensorFlow.js package.
 *
 * @throws SparseError `ERR_SPARSE_ARGUMENT` for something that is no model, `ERR_SPARSE_MODEL` for a model that
 *   cannot be read or whose weights do not fit their description
 */
export async function readArtifacts(source: ModelSource): Promise<Artifacts> {
  if (typeof source === 'string') {
    const file = pathOf(source);
    const { modelTopology, signature, weights } = await readModelJson(file);
    return assembleArtifacts(file, modelTopology, weights, signature);
  }
  if (isSavable(source)) return readMemory(await captureArtifacts(source), 'the live model');
  if (isArtifacts(source)) return readMemory(source, 'the model in memory');
  throw new SparseError(
    'ERR_SPARSE_ARGUMENT',
    `compile: model: expected a path of a model.json, artifacts or a TensorFlow.js model, received ${describe(source)}. Await tf.loadLayersModel before you pass its result.`,
    { tensor: 'model', expected: 'a path, artifacts or a model', received: describe(source) },
  );
}

/** TensorFlow.js's loaders write a path as `file://path`, relative ones too. */
function pathOf(source: string): string {
  if (source.startsWith('file://')) return source.slice('file://'.length);
  if (!/^https?:/.test(source)) return source;
  throw new SparseError(
    'ERR_SPARSE_MODEL',
    `${source}: is an address, expected the path of a model.json. Download the model with its weight files first.`,
    { tensor: 'model', expected: 'a path', received: source },
  );
}

function readMemory(artifacts: ArtifactsLike, origin: string): Artifacts {
  const { modelTopology, weightSpecs, weightData } = artifacts;
  const specs = weightSpecs ?? [];
  if (!Array.isArray(specs)) {
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `${origin}: weightSpecs: expected a list, received ${describe(specs)}. Pass the artifacts as TensorFlow.js made them.`,
      { tensor: 'weightSpecs', expected: 'a list', received: describe(specs) },
    );
  }
  return assembleArtifacts(
    origin,
    modelTopology,
    decodeWeights(specs, joinBuffers(weightData ?? [], origin), origin),
    signatureOf({ ...artifacts }),
  );
}

/** A model from its parts. @throws SparseError `ERR_SPARSE_MODEL` for weights of one name, or no topology */
export function assembleArtifacts(
  origin: string,
  topology: unknown,
  list: readonly Weight[],
  signature?: unknown,
): Artifacts {
  if (!isRecord(topology)) {
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `${origin}: modelTopology: expected an object, received ${describe(topology)}. A file that holds weights only cannot be compiled: save the whole model.`,
      { tensor: 'modelTopology', expected: 'an object', received: describe(topology) },
    );
  }
  const weights = new Map<string, Weight>();
  for (const weight of list) {
    if (weights.has(weight.name)) {
      throw new SparseError(
        'ERR_SPARSE_MODEL',
        `${origin}: two weights are named "${weight.name}", so it cannot be told which layer has which. Give the layers of nested models names of their own.`,
        { tensor: weight.name, expected: 'names that differ', received: weight.name },
      );
    }
    weights.set(weight.name, weight);
  }
  const format = Array.isArray(topology.node) ? 'graph' : 'layers';
  return { origin, format, topology, weights, ...(signature !== undefined && { signature }) };
}

function joinBuffers(data: unknown, origin: string): Uint8Array {
  const buffers = Array.isArray(data) ? data : [data];
  for (const buffer of buffers) {
    if (!types.isArrayBuffer(buffer)) {
      throw new SparseError(
        'ERR_SPARSE_MODEL',
        `${origin}: weightData: expected an ArrayBuffer or a list of them, received ${describe(buffer)}. Streamed models are read from their model.json.`,
        { tensor: 'weightData', expected: 'ArrayBuffer', received: describe(buffer) },
      );
    }
  }
  if (buffers.length === 1) return new Uint8Array(buffers[0]);
  return Buffer.concat(buffers.map((buffer) => new Uint8Array(buffer)));
}

function isSavable(source: unknown): source is SavableModel {
  return typeof (source as { save?: unknown } | null | undefined)?.save === 'function';
}

function isArtifacts(source: unknown): source is ArtifactsLike {
  return isRecord(source) && ('modelTopology' in source || 'weightSpecs' in source);
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? `a ${value.constructor?.name ?? 'plain object'}` : `a ${typeof value}`;
}
