import { SparseError } from '../errors.ts';
import type { PlanBuilder } from '../plan/builder.ts';
import type { Constant } from '../plan/evaluate.ts';
import type { PlanValue, ValueId } from '../plan/plan.ts';
import type { CallArguments } from './call-arguments.ts';
import type { Mask } from './mask-type.ts';
import { constant, type GraphTensor } from './ops/graph-tensor.ts';
import { NodeAttributes } from './ops/node-attributes.ts';
import { type GraphContext, OpCall } from './ops/op-call.ts';

/** One call of a layer, while its model is lowered. */
export interface LayerCall {
  /** Name of the layer, with the nested models around it in front: `encoder/dense_1`. */
  readonly name: string;
  readonly plan: PlanBuilder;
  readonly inputs: readonly ValueId[];
  /**
   * The same call as the operations of GraphModels see it: tensors with their batch, maps or arrays. For layers that
   * are made of those operations.
   */
  readonly op: OpCall;
  /** How it was given its inputs, and what else. */
  readonly arguments: CallArguments;
  /** Of the time steps of its first input; absent: all count. */
  readonly mask?: Mask | undefined;
  /** Gives the outputs a mask; layers that only pass one on need not. */
  maskOutput(mask: Mask): void;
  /**
   * A weight of the layer by the last part of its name, row-major in TF.js's layout.
   *
   * @param shape - the shape it must have
   * @throws SparseError `ERR_SPARSE_MODEL` when it is missing, `ERR_SPARSE_SHAPE` when it has another shape
   */
  weight(name: string, shape: readonly number[]): Float32Array;
}

/** A layer call seen as an operation. */
export function asOperation(
  name: string,
  className: string,
  inputs: readonly ValueId[],
  context: GraphContext,
): OpCall {
  const none = new OpCall(name, className, new NodeAttributes(name, {}), [], context);
  const tensors = inputs.map((id) => none.computed(id));
  return new OpCall(name, className, new NodeAttributes(name, {}), tensors, context);
}

/** The input of a layer that takes exactly one, as a map. */
export function onlyInput(call: LayerCall): ValueId {
  return call.op.map(onlyTensor(call)).id;
}

/** The input of a layer that takes exactly one, in whatever layout it has. */
export function onlyTensor(call: LayerCall): GraphTensor {
  const [input, ...others] = call.op.inputs;
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
  return mapOf(call, ['height', 'width', 'channels']);
}

/** Its only input, which must be a map of shape [steps, channels]: one row of `steps` columns. */
export function sequenceInput(call: LayerCall): { input: ValueId; x: Readonly<PlanValue> } {
  return mapOf(call, ['steps', 'channels']);
}

function mapOf(call: LayerCall, axes: readonly string[]): { input: ValueId; x: Readonly<PlanValue> } {
  const input = onlyInput(call);
  const x = call.plan.value(input);
  if (x.shape.length !== axes.length) {
    const expected = `[batch, ${axes.join(', ')}]`;
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `compile: input of layer "${call.name}" has shape [batch, ${x.shape}], expected ${expected}. Was the layer before it replaced?`,
      { layer: call.name, expected, received: x.shape },
    );
  }
  return { input, x };
}

/** A weight, broadcast against the input from its last axis on. */
export function weightTensor(call: LayerCall, name: string, shape: readonly number[]): Constant {
  return constant('float32', shape, call.weight(name, shape));
}
