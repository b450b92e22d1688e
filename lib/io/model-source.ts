/** One weight of a model, as `weightSpecs` and `weightsManifest` describe it. */
export interface WeightSpec {
  /** Unique in the model, e.g. `dense_1/kernel`. */
  name: string;
  /** Sizes of its axes; [] for a single number. */
  shape: number[];
  /** TF.js's name of the element type, e.g. `float32`. */
  dtype: string;
}

/** A model in memory; TF.js's `io.ModelArtifacts` fits. */
export interface ArtifactsLike {
  /** As in model.json. */
  modelTopology?: object;
  /** One entry per weight, in the order of their bytes. */
  weightSpecs?: readonly WeightSpec[];
  /** The bytes of all weights, little-endian; several buffers are read as one. */
  weightData?: ArrayBuffer | ArrayBuffer[];
  /** Of a GraphModel: its inputs and outputs. */
  signature?: object;
  /** Where older converters put the signature. */
  userDefinedMetadata?: object;
}

/** A live TF.js model: anything with TF.js's `save`. */
export interface SavableModel {
  /** TF.js's `model.save`; called with a handler that keeps the artifacts in memory. */
  save(handler: never, config?: never): Promise<unknown>;
}

/**
 * Where a model comes from: a path of a model.json (`file://` in front is TF.js's way), artifacts in memory, or a live LayersModel or GraphModel
 * (read through its own `save`). Structural on purpose, so that no TensorFlow.js package is needed.
 */
export type ModelSource = string | ArtifactsLike | SavableModel;
