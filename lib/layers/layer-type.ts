import type { LayerCall } from './layer-call.ts';
import type { LayerConfig } from './layer-config.ts';

/** What this package knows about one TF.js layer class (or a few that differ only in name). */
export interface LayerType {
  /** As `getClassName()` of the layer and `class_name` of a topology give it. */
  readonly classNames: readonly string[];
  /**
   * Names of the weights that pruning may zero, as the last part of TF.js's weight name. Empty: the layer is
   * accepted and left as it is. `undefined`: pruning refuses the class, as TFMOT does.
   */
  readonly prunable?: readonly string[];
  /** Integer inputs come as they are; other layers get them as float32. */
  readonly takesIntegers?: true;
  /** A call means more than its tensors: the numbers beside them, or their names. Other layers refuse those. */
  readonly readsArguments?: true;
  /** A call depends on more than its input (masks, states): no session of the layer by itself. */
  readonly wholeModelOnly?: true;
  /**
   * Reads the layer's configuration and gives the function that adds its steps to a plan; that function takes
   * one call of the layer and returns its outputs. Absent: the class cannot be compiled.
   *
   * @throws {@link UnsupportedFeature} for an attribute that cannot be compiled
   */
  readonly lower?: (config: LayerConfig) => LowerCall;
}

/** Adds the steps of one call of a layer to the plan; returns the values that the call makes. */
export type LowerCall = (call: LayerCall) => number[];
