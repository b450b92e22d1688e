import type { ModelPredictConfig, Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { lowerArtifacts } from '../compile/lower-model.ts';
import { SparseError } from '../errors.ts';
import { readLiveModel } from '../io/read-live-model.ts';
import { optimizePlan } from '../plan/passes/optimize.ts';
import type { ReadSessionOptions } from '../session/options.ts';
import { NativePath } from './native-path.ts';
import { replaceMethod } from './replace-method.ts';
import type { Rung } from './rung.ts';
import { SessionEngine } from './session-engine.ts';
import { tensorOf } from './tensor-values.ts';
import { isFloatTensor, variablesOf } from './tf-types.ts';

type Inputs = Tensor | Tensor[];

/**
 * Runs a LayersModel that compiles as a whole by a session behind its own `predict` and `predictOnBatch`. Nothing else of
 * the model is touched: `fit`, `evaluate`, `apply` and `save` are TF.js's.
 *
 * A model whose layers are exchanged afterwards (`add`, `pop`) is TF.js's alone from then on.
 *
 * @throws SparseError when the model does not compile
 */
export function accelerateWhole(model: LayersModel, options: ReadSessionOptions): Rung {
  // TF.js takes any dtype for any input, a session only its own.
  const other = model.inputs.find(({ dtype }) => dtype !== 'float32');
  if (other) {
    throw new SparseError(
      'ERR_SPARSE_DTYPE',
      `accelerate: input "${other.name}" is ${other.dtype}, expected float32. Compile the model and call the session.`,
      { tensor: other.name, expected: 'float32', received: other.dtype },
    );
  }
  const path = new NativePath(options.sparse, variablesOf(model), () => {
    return new SessionEngine(optimizePlan(lowerArtifacts(readLiveModel(model))), options);
  });
  path.open();
  const outputs = [...model.outputs];
  const isSame = () =>
    model.outputs.length === outputs.length && outputs.every((output, i) => output === model.outputs[i]);

  const serve = (x: unknown, batchSize: unknown, tfjs: () => Inputs): Inputs => {
    const inputs = isSame() ? fittingInputs(model.inputs, x, batchSize) : undefined;
    const batch = inputs?.[0]?.shape[0] ?? 1;
    return path.serve<Inputs>({
      inputs,
      batch,
      tfjs,
      native: (engine, values) => {
        const shapes = engine.outputShapes(batch);
        const tensors = engine.run(values).map((output, i) => tensorOf(output, shapes[i]!));
        return tensors.length === 1 ? tensors[0]! : tensors;
      },
    });
  };
  const undo = [
    replaceMethod(model, 'predict', ([x, args]: [Inputs, ModelPredictConfig?], next: () => Inputs) =>
      serve(x, args?.batchSize, next),
    ),
    replaceMethod(model, 'predictOnBatch', ([x]: [Inputs], next: () => Inputs) => serve(x, undefined, next)),
  ];
  return {
    describe: () => path.describe(),
    restore() {
      for (const step of undo) step();
      path.close();
    },
  };
}

/**
 * The input tensors in the model's order, when TF.js would take them as they are; undefined for everything else, which
 * TF.js then does in its own way: it adds a missing axis, casts, or says what is wrong.
 */
function fittingInputs(
  ports: readonly SymbolicTensor[],
  x: unknown,
  batchSize: unknown,
): Tensor[] | undefined {
  const tensors: unknown[] = Array.isArray(x) ? x : [x];
  if (tensors.length !== ports.length) return undefined;
  if (batchSize != null && !(Number.isInteger(batchSize) && (batchSize as number) > 0)) return undefined;
  const fitting = tensors.filter(isFloatTensor);
  const batch = fitting[0]?.shape[0];
  if (fitting.length !== ports.length || batch === undefined || batch === 0) return undefined;
  const fits = ports.every(({ shape }, i) => {
    const given = fitting[i]!.shape;
    // A fixed batch: TF.js cuts its own batches, of which each must have it.
    const batchFits = shape[0] === null || (shape[0] === batch && batch <= Number(batchSize ?? batch));
    if (given.length !== shape.length || given[0] !== batch || !batchFits) return false;
    return shape.every((size, axis) => axis === 0 || size === given[axis]);
  });
  return fits ? fitting : undefined;
}
