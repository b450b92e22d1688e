/**
 * Thrown while a layer is read or lowered when the layer, as configured, cannot be compiled. `compile` collects
 * these and reports every such layer of the model at once; nobody else sees this class.
 */
export class UnsupportedFeature extends Error {
  /** What about the layer cannot be compiled, and what to do. */
  readonly advice: string;

  constructor(advice: string) {
    super(advice);
    this.advice = advice;
  }
}

/** What anyone can do with a layer that has no native steps. */
export const keepInTensorFlow =
  'keep the model in TensorFlow.js with accelerate(), or compile the part before it';
