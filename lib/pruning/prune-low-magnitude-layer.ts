import type { serialization } from '@tensorflow/tfjs-core';
import { layerFromSaved } from './layer-copies.ts';
import type { PruningCompat } from './mask.ts';
import { tfc } from './peers.ts';
import { plainRule } from './pruning-rule.ts';
import { reviveSchedule } from './revive-schedule.ts';
import type { PruningSchedule } from './schedules.ts';
import { readStructure, type StructureOptions } from './structure-options.ts';
import { PruningWrapper, type WrapperArgs } from './wrapper.ts';

/** How a layer is pruned while its model trains, in TFMOT's words. */
export interface WrapperOptions extends StructureOptions {
  /** How sparse, and when masks are recomputed. */ pruningSchedule: PruningSchedule;
  /** Prune the layer's biases too; default false. */ biases?: boolean;
  /** Default 'exact'. */ compat?: PruningCompat;
}

type TfmotArgs = WrapperOptions & Omit<WrapperArgs, 'rule'>;

/** The wrapper of `pruneLowMagnitude`: TFMOT's name, options and configuration. */
export class PruneLowMagnitude extends PruningWrapper {
  static override get className(): string {
    return 'PruneLowMagnitude';
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof PruningWrapper && value.getClassName() === 'PruneLowMagnitude';
  }

  readonly #options: WrapperOptions;

  /** @internal Wrappers come from `pruneLowMagnitude` and from loading a model. */
  constructor({ layer, name, batchInputShape, ...options }: TfmotArgs) {
    const { pruningSchedule, biases = false, compat = 'exact' } = options;
    super({
      layer,
      name: name ?? `prune_low_magnitude_${layer.name}`,
      rule: { ...plainRule(pruningSchedule), structure: readStructure(options), compat, biases },
      ...(batchInputShape && { batchInputShape }),
    });
    this.#options = options;
  }

  override getConfig(): serialization.ConfigDict {
    const { rule, ...config } = super.getConfig();
    const { blockSize, blockPoolingType, sparsityMByN } = this.#options;
    return {
      ...config,
      pruningSchedule: this.schedule.getConfig(),
      blockSize: [...(blockSize ?? [1, 1])],
      // TF.js gives strings back in lower case.
      blockPoolingType: (blockPoolingType ?? 'AVG').toUpperCase(),
      ...(sparsityMByN && { sparsityMByN: [...sparsityMByN] }),
      biases: this.rule.biases,
      compat: this.compat,
    } as unknown as serialization.ConfigDict;
  }

  static override fromConfig<T extends serialization.Serializable>(
    cls: serialization.SerializableConstructor<T>,
    config: serialization.ConfigDict,
  ): T {
    const { layer, pruningSchedule, ...rest } = config as unknown as TfmotArgs & {
      layer: { className: string; config: serialization.ConfigDict };
      pruningSchedule: { className: string; config: object };
    };
    const args = { ...rest, layer: layerFromSaved(layer), pruningSchedule: reviveSchedule(pruningSchedule) };
    return new cls(args as never);
  }
}
tfc.serialization.registerClass(PruneLowMagnitude);
