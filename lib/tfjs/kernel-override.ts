import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { tfc } from './peers.ts';

type KernelFunc = KernelConfig['kernelFunc'];
/** What a kernel is called with: inputs by name, attributes, the backend. */
export type KernelArgs = Parameters<KernelFunc>[0];
type KernelResult = ReturnType<KernelFunc>;

/** Stands in for a kernel when a weight that it knows comes as `b`. */
export interface KnownWeight {
  /** The dataId of the weight's present value. */
  readonly dataId: object;
  multiply(args: KernelArgs, tfjs: () => KernelResult): KernelResult;
}

/** A tensor that holds what a weight held when it had the dataId `of`. */
interface Tag {
  weight: KnownWeight;
  of: object;
}

/** Matrix products by another function on one backend, as long as anybody uses them. */
class Override {
  readonly #backend: string;
  readonly #tags = new WeakMap<object, Tag>();
  readonly #replaced: { original: KernelConfig; own: KernelConfig }[] = [];
  #users = 0;
  #delegating = false;

  constructor(backend: string) {
    this.#backend = backend;
  }

  enter(): void {
    if (this.#users++ > 0) return;
    for (const name of ['_FusedMatMul', 'BatchMatMul']) {
      this.#replace(name, (original, args) => this.#multiply(original, args));
    }
    // On this backend a reshape gives a new dataId, and a fused product reshapes its weight; others keep it.
    if (this.#backend === 'tensorflow') {
      this.#replace('Reshape', (original, args) => this.#reshape(original, args));
    }
  }

  leave(): void {
    if (--this.#users > 0) return;
    for (const { original, own } of this.#replaced.splice(0)) {
      const { kernelName, backendName } = original;
      // Whoever replaced the kernel after this calls ours, which knows no weight any more.
      if (tfc.getKernel(kernelName, backendName) !== own) continue;
      tfc.unregisterKernel(kernelName, backendName);
      tfc.registerKernel(original);
    }
  }

  /** From now on a tensor with the weight's present dataId is recognised. */
  add(weight: KnownWeight): void {
    this.#tags.set(weight.dataId, { weight, of: weight.dataId });
  }

  remove(weight: KnownWeight): void {
    this.#tags.delete(weight.dataId);
  }

  #replace(name: string, run: (original: KernelFunc, args: KernelArgs) => KernelResult): void {
    const original = tfc.getKernel(name, this.#backend);
    if (original === undefined) return;
    const own = { ...original, kernelFunc: (args: KernelArgs) => run(original.kernelFunc, args) };
    tfc.unregisterKernel(name, this.#backend);
    tfc.registerKernel(own);
    this.#replaced.push({ original, own });
  }

  #multiply(original: KernelFunc, args: KernelArgs): KernelResult {
    const tag = this.#delegating ? undefined : this.#tags.get(args.inputs.b!.dataId);
    if (tag === undefined || tag.of !== tag.weight.dataId) return original(args);
    return tag.weight.multiply(args, () => {
      // tfjs-node's fused kernel calls the plain one, which must not be asked again.
      this.#delegating = true;
      try {
        return original(args);
      } finally {
        this.#delegating = false;
      }
    });
  }

  #reshape(original: KernelFunc, args: KernelArgs): KernelResult {
    const result = original(args);
    const tag = this.#tags.get(args.inputs.x!.dataId);
    if (tag !== undefined) this.#tags.set((result as TensorInfo).dataId, tag);
    return result;
  }
}

const overrides = new Map<string, Override>();

/** The override of a backend, which all accelerated models share. */
export function overrideOf(backend: string): Override {
  const override = overrides.get(backend) ?? new Override(backend);
  overrides.set(backend, override);
  return override;
}
