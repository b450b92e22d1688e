import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ReadSessionOptions } from '../session/options.ts';
import { isProductLayer, layerPlan } from './layer-plan.ts';
import { isRefusal, NativePath } from './native-path.ts';
import { replaceMethod } from './replace-method.ts';
import type { Rung } from './rung.ts';
import { SessionEngine } from './session-engine.ts';
import { tensorOf } from './tensor-values.ts';
import { isFloatTensor, isModel, type Layer, sizeOf, variablesOf } from './tf-types.ts';

type Tensors = Tensor | Tensor[];
type CallArgs = Record<string, unknown>;

/** Input sizes that one layer gets a session for; a picture of yet another size goes to TF.js. */
const maxSizes = 4;

/**
 * Runs by sessions the single layers of a model that compile and have weights worth it (Dense, Conv2D, …): each layer's
 * own `call` is replaced, whoever calls it.
 *
 * @returns the rung, and the layers that it reaches
 */
export function accelerateLayers(
  model: LayersModel,
  options: ReadSessionOptions,
): Rung & { layers: ReadonlySet<Layer> } {
  const accelerated = new Map<Layer, Rung>();
  for (const layer of leavesOf(model)) {
    if (accelerated.has(layer) || !layer.built || !isProductLayer(layer)) continue;
    const rung = accelerateLayer(layer, options);
    if (rung !== undefined) accelerated.set(layer, rung);
  }
  const rungs = [...accelerated.values()];
  return {
    layers: new Set(accelerated.keys()),
    describe: () => rungs.flatMap((rung) => rung.describe()),
    restore() {
      for (const rung of rungs) rung.restore();
    },
  };
}

/** Every layer of a model that is no model itself, those of nested models included. */
export function leavesOf(model: LayersModel): Layer[] {
  return model.layers.flatMap((layer) => (isModel(layer) ? leavesOf(layer) : [layer]));
}

function accelerateLayer(layer: Layer, options: ReadSessionOptions): Rung | undefined {
  const isDense = layer.getClassName() === 'Dense';
  const paths = new Map<string, NativePath<SessionEngine> | undefined>();
  const addPath = (shape: readonly number[]) => {
    const path = new NativePath(
      options.sparse,
      variablesOf(layer),
      () => new SessionEngine(layerPlan(layer, shape), options),
    );
    path.open();
    paths.set(String(shape), path);
  };
  try {
    // A layer that cannot be lowered is found out here; one with an input of unknown size at its first call.
    const shape = sampleShape(layer, isDense);
    if (shape !== undefined) addPath(shape);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return undefined;
  }

  const pathFor = (shape: readonly number[]): NativePath<SessionEngine> | undefined => {
    const key = String(shape);
    if (!paths.has(key) && paths.size < maxSizes) {
      try {
        addPath(shape);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        paths.set(key, undefined);
      }
    }
    return paths.get(key);
  };
  const undo = replaceMethod(layer, 'call', ([inputs]: [Tensors, CallArgs], next: () => Tensors): Tensors => {
    const [x, ...others] = Array.isArray(inputs) ? inputs : [inputs];
    if (others.length > 0 || !isFloatTensor(x) || x.size === 0 || hasCallHook(layer)) return next();
    // A Dense layer works on the last axis: everything in front of it is one batch.
    const sample = isDense ? x.shape.slice(-1) : x.shape.slice(1);
    const path = pathFor(sample);
    if (path === undefined) return next();
    const batch = x.size / sizeOf(sample);
    return path.serve<Tensors>({
      inputs: [x],
      batch,
      tfjs: next,
      native: (engine, values) => {
        const [values0] = engine.run(values);
        const [shape] = engine.outputShapes(batch);
        return tensorOf(values0!, isDense ? [...x.shape.slice(0, -1), shape!.at(-1)!] : shape!);
      },
    });
  });
  return {
    describe: () => [...paths.values()].flatMap((path) => path?.describe() ?? []),
    restore() {
      undo();
      for (const path of paths.values()) path?.close();
    },
  };
}

/** The shape of a layer's input without the batch, where the model knows it. */
function sampleShape(layer: Layer, isDense: boolean): number[] | undefined {
  const node = layer.inboundNodes[0] as unknown as { inputShapes: (number | null)[][] } | undefined;
  const shape = node?.inputShapes[0]?.slice(isDense ? -1 : 1);
  return shape?.every((size): size is number => size !== null) ? shape : undefined;
}

/** A hook wants to see every call; TF.js runs it inside of `call`. */
function hasCallHook(layer: Layer): boolean {
  return (layer as unknown as { _callHook?: unknown })._callHook != null;
}
