import type { LayersModel, Sequential, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { SparseError } from '../errors.ts';
import { tfl } from './peers.ts';
import { asList, isModel, type Layer, nodeOf } from './tf-types.ts';

/** Makes the layer that takes another one's place. Called once per layer, however often the layer is used. */
export type ConvertLayer = (layer: Layer) => Layer;

/**
 * Refuses what pruning cannot walk: a model that was not built, and one that is neither Sequential nor functional.
 *
 * @throws {@link SparseError} `ERR_SPARSE_MODEL`
 */
export function checkModel(what: string, model: unknown): asserts model is LayersModel {
  const refuse = (expected: string, received: string, advice: string): never => {
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `${what}: expected ${expected}, received ${received}. ${advice}`,
      {
        expected,
        received,
      },
    );
  };
  if (!(model instanceof tfl.LayersModel)) {
    const name = (model as object | null)?.constructor?.name ?? String(model);
    const copy = name === 'LayersModel' || name === 'Sequential';
    refuse(
      'a Sequential or functional model of the installed @tensorflow/tfjs-layers',
      copy ? `a ${name} of another copy of it` : name,
      copy ? 'Let npm install one copy: npm ls @tensorflow/tfjs-layers.' : 'Pass a tf.LayersModel.',
    );
    return;
  }
  // A class of the user's own that computes something else than its layers one after the other, which a rebuilt model would do.
  const calls: unknown[] = [tfl.LayersModel.prototype.call, tfl.Sequential.prototype.call];
  if (!calls.includes(model.call))
    refuse(
      'a Sequential or functional model',
      `model "${model.name}" of class ${model.constructor.name} with a call() of its own`,
      'What such a model computes is not in its layers alone: build it of layers.',
    );
  const { layers } = model;
  if (model instanceof tfl.Sequential && (layers.length === 0 || !model.outputs?.length)) {
    refuse(
      'a built model',
      `Sequential "${model.name}" without shapes`,
      'Give its first layer an inputShape.',
    );
  }
  for (const layer of layers) {
    if (isDisposed(layer))
      refuse('a live model', `model "${model.name}", disposed`, 'Dispose it after pruning.');
  }
}

function isDisposed(layer: Layer): boolean {
  return layer.weights.some((weight) => weight.read === undefined || isVariableDisposed(weight));
}

function isVariableDisposed(weight: Layer['weights'][number]): boolean {
  return (weight as unknown as { val: { isDisposed: boolean } }).val.isDisposed;
}

/** Keeps one converted layer per layer, so that a shared layer stays shared. Models inside are rebuilt, not converted. */
function converter(convert: ConvertLayer): ConvertLayer {
  const done = new Map<Layer, Layer>();
  const visit: ConvertLayer = (layer) => {
    let made = done.get(layer);
    if (!made) {
      made = isModel(layer) ? rebuild(layer, visit) : convert(layer);
      done.set(layer, made);
    }
    return made;
  };
  return visit;
}

function rebuildSequential(model: Sequential, convert: ConvertLayer): Sequential {
  const copy = tfl.sequential({ name: model.name });
  model.layers.forEach((layer, i) => {
    const made = convert(layer);
    // The shape may stand in the model alone (`model.build`), not in the first layer's configuration.
    if (i === 0 && !isModel(made) && made.batchInputShape == null)
      made.batchInputShape = model.inputs[0]!.shape;
    // TF.js takes a first layer that another model holds by that model's own call, and does not count it.
    const counted = made as unknown as { _refCount: number | null };
    if (i === 0 && !isModel(made) && made.inboundNodes.length > 0)
      counted._refCount = (counted._refCount ?? 0) + 1;
    copy.add(made);
  });
  return copy;
}

function rebuildFunctional(model: LayersModel, convert: ConvertLayer): LayersModel {
  const made = new Map<number, SymbolicTensor>();
  const inputs = model.inputs.map((input) => {
    const { shape, dtype, sourceLayer } = input;
    const copy = tfl.input({ batchShape: shape, dtype, name: sourceLayer.name });
    made.set(input.id, copy);
    return copy;
  });
  // The graph is walked from its outputs with a stack of its own: deep models, and only nodes of this model.
  const stack = [...model.outputs].reverse();
  while (stack.length > 0) {
    const tensor = stack.at(-1)!;
    if (made.has(tensor.id)) {
      stack.pop();
      continue;
    }
    const node = nodeOf(tensor);
    const waiting = node.inputTensors.filter((input) => !made.has(input.id));
    if (waiting.length > 0) {
      stack.push(...waiting.reverse());
      continue;
    }
    const feeds = node.inputTensors.map((input) => made.get(input.id)!);
    const layer = convert(tensor.sourceLayer);
    const results = asList(
      layer.apply(feeds.length === 1 ? feeds[0]! : feeds, node.callArgs ?? {}) as
        | SymbolicTensor
        | SymbolicTensor[],
    );
    node.outputTensors.forEach((output, i) => {
      made.set(output.id, results[i]!);
    });
  }
  const outputs = model.outputs.map((output) => made.get(output.id)!);
  return tfl.model({ inputs, outputs, name: model.name });
}

function rebuild(model: LayersModel, convert: ConvertLayer): LayersModel {
  return model instanceof tfl.Sequential
    ? rebuildSequential(model, convert)
    : rebuildFunctional(model, convert);
}

/** A model of the same graph with every layer converted: Sequential or functional, nested and shared layers included. */
export function rebuildModel(model: LayersModel, convert: ConvertLayer): LayersModel {
  return rebuild(model, converter(convert));
}
