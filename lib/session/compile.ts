import { lowerModel } from '../compile/lower-model.ts';
import type { ModelSource } from '../io/model-source.ts';
import { readSessionOptions, type SessionOptions, sessionOptionNames } from './options.ts';
import { SparseSession } from './session.ts';

/** Options of {@link compile}. */
export interface CompileOptions extends SessionOptions {
  /** Outputs wanted, by name (of a GraphModel also by signature key, or any node); default: all. What only the others need is left out. */
  outputs?: readonly string[];
  /**
   * Sizes of a GraphModel's inputs that its signature leaves open, by name: all axes, the batch first (`null`: any). An axis
   * that the model fixes must be as it is there.
   */
  inputShapes?: Readonly<Record<string, readonly (number | null)[]>>;
  /**
   * Values of a GraphModel's inputs that never change, by name: a number, or all of them row-major. They are computed with
   * when the model is compiled, and are no inputs of the session.
   */
  constants?: Readonly<Record<string, number | readonly number[]>>;
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
  const read = readSessionOptions('compile', options, [
    ...sessionOptionNames,
    'outputs',
    'inputShapes',
    'constants',
  ]);
  const { outputs, inputShapes, constants } = options ?? {};
  const lowering = {
    ...(outputs && { outputs }),
    ...(inputShapes && { inputShapes }),
    ...(constants && { constants }),
  };
  return new SparseSession(await lowerModel(model, lowering), read);
}
