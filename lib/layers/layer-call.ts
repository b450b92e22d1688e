import { SparseError } from '../errors.ts';
import type { PlanBuilder } from '../plan/builder.ts';
import type { PlanValue, ValueId } from '../plan/plan.ts';

/** One call of a layer, while its model is lowered. */
export interface LayerCall {
  /** Name of the layer, with the nested models around it in front: `encoder/dense_1`. */
  readonly name: string;
  readonly plan: PlanBuilder;
  readonly inputs: readonly ValueId[];
  /**
   * A weight of the layer by the last part of its name, row-major in TF.js's layout.
   *
   * @param shape - the shape it must have
   * @throws SparseError `ERR_SPARSE_MODEL` when it is missing, `ERR_SPARSE_SHAPE` when it has another shape
   */
  weight(name: string, shape: readonly number[]): Float32Array;
}

/** The input of a layer that takes exactly one. */
export function onlyInput(call: LayerCall): ValueId {
  const [input, ...others] = call.inputs;
  if (input === undefined || others.length > 0) {
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `compile: layer "${call.name}" is called with ${call.inputs.length} inputs, expected 1. Was the topology edited by hand?`,
      { layer: call.name, expected: 1, received: call.inputs.length },
    );
  }
  return input;
}

/** Its only input, which must be a map of shape [height, width, channels]. */
export function mapInput(call: LayerCall): { input: ValueId; x: Readonly<PlanValue> } {
  const input = onlyInput(call);
  const x = call.plan.value(input);
  if (x.shape.length !== 3) {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `compile: input of layer "${call.name}" has shape [batch, ${x.shape}], expected [batch, height, width, channels]. Was the layer before it replaced?`,
      { layer: call.name, expected: '[batch, height, width, channels]', received: x.shape },
    );
  }
  return { input, x };
}
