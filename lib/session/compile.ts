import { lowerModel } from '../compile/lower-model.ts';
import type { ModelSource } from '../io/model-source.ts';
import { readSessionOptions, type SessionOptions, sessionOptionNames } from './options.ts';
import { SparseSession } from './session.ts';

/** Options of {@link compile}. */
export interface CompileOptions extends SessionOptions {
  /** Outputs wanted, by name (of a GraphModel also by signature key, or any node); default: all. What only the others need is left out. */
  outputs?: readonly string[];
}

/**
 * Compiles a TF.js model into a session that runs natively.
 *
 * @param model - path of a model.json, artifacts in memory, or a live LayersModel or GraphModel
 * @throws {@link UnsupportedLayerError} with every layer that cannot be compiled
 * @throws {@link SparseError} `ERR_SPARSE_MODEL`, `ERR_SPARSE_FILE`, `ERR_SPARSE_OPTION`
 * @example
 * const session = await compile('model/model.json');
 * const y = session.run(x); // Float32Array in, Float32Array out
 */
export async function compile(model: ModelSource, options?: CompileOptions): Promise<SparseSession> {
  const read = readSessionOptions('compile', options, [...sessionOptionNames, 'outputs']);
  const lowering = options?.outputs === undefined ? {} : { outputs: options.outputs };
  return new SparseSession(await lowerModel(model, lowering), read);
}
