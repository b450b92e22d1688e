import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type CallArgs, isModel, type Layer, nodeOf } from './tf-types.ts';

/** One call of a layer on values of any kind. */
export type CallLayer<Value> = (layer: Layer, inputs: Value[], args: CallArgs) => Value[];

/**
 * Runs a model's graph call by call, models inside included, on values that the caller chooses: each call of a layer that is
 * no model goes to `call`.
 *
 * @param inputs - one value per input of the model
 * @param options.enter - told what goes into each model inside
 * @returns one value per output
 */
export function runGraph<Value>(
  model: LayersModel,
  inputs: Value[],
  call: CallLayer<Value>,
  options: { enter?: (inputs: Value[]) => void } = {},
): Value[] {
  const values = new Map<number, Value>(model.inputs.map((input, i) => [input.id, inputs[i]!]));
  // A stack of its own: deep models, and only nodes of this model.
  const stack = [...model.outputs].reverse();
  while (stack.length > 0) {
    const tensor = stack.at(-1)!;
    if (values.has(tensor.id)) {
      stack.pop();
      continue;
    }
    const node = nodeOf(tensor);
    const waiting = node.inputTensors.filter((input) => !values.has(input.id));
    if (waiting.length > 0) {
      stack.push(...waiting.reverse());
      continue;
    }
    const feeds = node.inputTensors.map((input) => values.get(input.id)!);
    const layer = tensor.sourceLayer;
    if (isModel(layer)) options.enter?.(feeds);
    const results = isModel(layer)
      ? runGraph(layer, feeds, call, options)
      : call(layer, feeds, node.callArgs ?? {});
    node.outputTensors.forEach((output, i) => {
      values.set(output.id, results[i]!);
    });
  }
  return model.outputs.map((output) => values.get(output.id)!);
}
