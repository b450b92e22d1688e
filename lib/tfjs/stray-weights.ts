import type { KernelBackend, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ReadSessionOptions } from '../session/options.ts';
import { CsrEngine } from './csr-engine.ts';
import { type KernelArgs, type KnownWeight, overrideOf } from './kernel-override.ts';
import { type AcceleratedStep, NativePath } from './native-path.ts';
import { tfc } from './peers.ts';
import { fusedActivation } from './product-plan.ts';
import { replaceMethod } from './replace-method.ts';
import type { Rung } from './rung.ts';
import { leavesOf } from './single-layers.ts';
import { valuesOf } from './tensor-values.ts';
import { isFloatInfo, type Layer, sizeOf } from './tf-types.ts';

type KernelResult = ReturnType<Parameters<KnownWeight['multiply']>[1]>;

/**
 * The last way: matrices of layers that cannot run by themselves (recurrent ones, a custom layer that calls `tf.matMul`
 * with a weight of its own) are recognised where they reach TF.js's matrix product, by their dataId. The kernels of the
 * current backend are replaced while any model needs it; products with other matrices pass through.
 *
 * @param reached - layers that need no such thing
 */
export function accelerateStrayWeights(
  model: LayersModel,
  reached: ReadonlySet<Layer>,
  options: ReadSessionOptions,
): Rung {
  if (options.sparse === 'never') return { describe: () => [], restore: () => {} };
  const weights = leavesOf(model)
    .filter((layer) => layer.built && !reached.has(layer))
    .flatMap((layer) => layer.weights)
    .filter((weight) => weight.shape.length === 2 && weight.dtype === 'float32')
    .map((weight) => new StrayWeight(weight.originalName, weight.read(), options));
  if (weights.length === 0) return { describe: () => [], restore: () => {} };

  const override = overrideOf(tfc.getBackend());
  override.enter();
  // A weight with a new value has a new dataId, which is learned at the next prediction.
  const learn = () => {
    for (const weight of weights) override.add(weight);
  };
  learn();
  const undo = ['predict', 'predictOnBatch'].map((name) =>
    replaceMethod(model, name, (_, next: () => unknown) => {
      learn();
      return next();
    }),
  );
  return {
    describe: () => weights.flatMap((weight) => weight.describe()),
    restore() {
      for (const step of undo) step();
      for (const weight of weights) {
        override.remove(weight);
        weight.close();
      }
      override.leave();
    },
  };
}

/** A matrix [inputs, outputs] wherever it is met. */
class StrayWeight implements KnownWeight {
  readonly #variable: Tensor;
  readonly #path: NativePath<CsrEngine>;

  constructor(name: string, variable: Tensor, { sparse, threads }: ReadSessionOptions) {
    this.#variable = variable;
    const [inputs, outputs] = variable.shape as [number, number];
    this.#path = new NativePath(
      sparse,
      [variable],
      () => new CsrEngine(name, variable.dataSync<'float32'>(), inputs, outputs, threads),
    );
  }

  get dataId(): object {
    return this.#variable.dataId;
  }

  multiply(args: KernelArgs, tfjs: () => KernelResult): KernelResult {
    const { a, bias } = args.inputs as { a: TensorInfo; bias?: TensorInfo };
    const [inputs, outputs] = this.#variable.shape as [number, number];
    const { activation: name, leakyreluAlpha } = (args.attrs ?? {}) as {
      activation?: string;
      leakyreluAlpha?: number;
    };
    const activation = fusedActivation(name, leakyreluAlpha);
    const fits = activation !== undefined && this.#fits(args);
    const rows = sizeOf(a.shape) / inputs;
    return this.#path.serve<KernelResult>({
      inputs: fits ? [a] : undefined,
      batch: Math.max(1, rows),
      tfjs,
      native: (engine, values) => {
        const y = engine.multiply(values[0]!, rows, bias && valuesOf(bias), activation!);
        const shape = [...a.shape.slice(0, -1), outputs];
        const backend = args.backend as KernelBackend;
        return { dataId: backend.write(y, shape, 'float32'), shape, dtype: 'float32' };
      },
    });
  }

  describe(): AcceleratedStep[] {
    return this.#path.describe();
  }

  close(): void {
    this.#path.close();
  }

  /** Whether a call is x · W with this very matrix, nothing transposed. */
  #fits({ inputs, attrs }: KernelArgs): boolean {
    const { a, b, bias } = inputs as { a: TensorInfo; b: TensorInfo; bias?: TensorInfo };
    const { transposeA, transposeB } = (attrs ?? {}) as { transposeA?: boolean; transposeB?: boolean };
    const [rows, cols] = this.#variable.shape;
    const leading = b.shape.slice(0, -2);
    return (
      !transposeA &&
      !transposeB &&
      isFloatInfo(a) &&
      sizeOf(a.shape) > 0 &&
      a.shape.length >= b.shape.length &&
      a.shape.at(-1) === rows &&
      b.shape.at(-2) === rows &&
      b.shape.at(-1) === cols &&
      sizeOf(leading) === 1 &&
      (bias === undefined || (isFloatInfo(bias) && sizeOf(bias.shape) === cols))
    );
  }
}
