import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { SparseError, shown } from '../errors.ts';
import type { Weight } from './artifacts.ts';
import { decodeWeights } from './decode-weights.ts';
import { isRecord } from './is-record.ts';

/** A model.json and its weight files, read into memory. */
export interface ModelJson {
  modelTopology: unknown;
  /** Wherever the converter put it. */
  signature: unknown;
  weights: Weight[];
}

/**
 * Reads a model.json and the weight files beside it.
 *
 * @throws SparseError `ERR_SPARSE_MODEL` when a file is missing, is no JSON, or lies outside the model's folder
 */
export async function readModelJson(file: string): Promise<ModelJson> {
  const json = parseJson((await read(file, file)).toString('utf8'), file);
  if (!isRecord(json)) throw unreadable(file, 'expected an object in the file', typeof json);
  const manifest = json.weightsManifest ?? [];
  if (!Array.isArray(manifest)) throw unreadable(file, 'expected weightsManifest to be a list', manifest);
  const weights: Weight[] = [];
  for (const group of manifest) {
    if (!isRecord(group) || !Array.isArray(group.paths) || !Array.isArray(group.weights)) {
      throw unreadable(file, 'expected every group of weightsManifest to have "paths" and "weights"', group);
    }
    const parts: Buffer[] = [];
    for (const name of group.paths) parts.push(await readInside(weightFile(file, name), file));
    // A weight may lie across two files, so the files of a group are one sequence of bytes.
    for (const weight of decodeWeights(group.weights, Buffer.concat(parts), file)) weights.push(weight);
  }
  return { modelTopology: json.modelTopology, signature: signatureOf(json), weights };
}

/** The signature of a GraphModel: at the top, or in the metadata in files of older converters. */
export function signatureOf(model: Readonly<Record<string, unknown>>): unknown {
  const { signature, userDefinedMetadata } = model;
  return signature ?? (isRecord(userDefinedMetadata) ? userDefinedMetadata.signature : undefined);
}

/** Path of a weight file, which must not leave the folder of its model.json. */
function weightFile(modelFile: string, name: unknown): string {
  const folder = path.dirname(path.resolve(modelFile));
  const file = typeof name === 'string' ? path.resolve(folder, name) : folder;
  if (typeof name !== 'string' || path.isAbsolute(name) || !file.startsWith(folder + path.sep)) {
    throw unreadable(modelFile, 'expected weight files inside the folder of the model', name);
  }
  return file;
}

/** A weight file, which no symbolic link may lead out of the folder either. */
async function readInside(file: string, modelFile: string): Promise<Buffer> {
  // A file that is not there has no real path: reading it says so.
  const [real, folder] = await Promise.all(
    [file, path.dirname(path.resolve(modelFile))].map((name) => realpath(name).catch(() => undefined)),
  );
  if (real === undefined || folder === undefined || real.startsWith(path.join(folder, path.sep)))
    return read(file, modelFile);
  throw new SparseError(
    'ERR_SPARSE_MODEL',
    `${modelFile}: ${file} is a link to ${real}, expected weight files inside the folder of the model. Copy the file into the folder.`,
    { tensor: file, expected: folder, received: real },
  );
}

async function read(file: string, modelFile: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const code = isRecord(cause) && typeof cause.code === 'string' ? cause.code : String(cause);
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `${modelFile}: cannot read ${file === modelFile ? 'it' : file} (${code}). Give the path of a model.json with its weight files beside it.`,
      { received: file, cause },
    );
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `${file}: is not JSON (${(cause as Error).message}). Give the path of a model.json.`,
      { received: file, cause },
    );
  }
}

function unreadable(file: string, expected: string, received: unknown): SparseError {
  return new SparseError(
    'ERR_SPARSE_MODEL',
    `${file}: ${expected}, received ${shown(received)}. Is this the model.json of a TensorFlow.js model?`,
    { expected, received },
  );
}
