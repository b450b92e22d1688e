/** What a criterion may look at: one weight. */
export interface WeightView {
  /** Name of the layer. */ layer: string;
  /** Name of the weight inside its layer, e.g. `kernel`. */ name: string;
  /** Lengths of its axes. */ shape: readonly number[];
  /** Row-major, as long as the shape says. May be the backend's own memory: never written to. */ values: Float32Array;
  /** Values before training, where a caller kept them. */ initial?: Float32Array;
}
