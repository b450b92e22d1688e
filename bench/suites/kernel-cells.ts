import type { Storage, WeightSpec, WeightStructure } from '../cases/product-case.ts';

/** A weight and the numbers of rows that multiply it. */
export interface WeightCells {
  weight: WeightSpec;
  m: number[];
}

/** Sizes that the results in docs/ are measured at: outputs x inputs. */
const fullShapes = [
  [512, 512],
  [1024, 1024],
  [4096, 4096],
  [300, 784],
  [768, 3072],
  [3072, 768],
] as const;

const everyM = [1, 2, 4, 8, 16, 49, 64, 196, 256, 1024];

/** What the results in docs/ show at each of these shapes: zeros, structure, rows. */
const fullWeights: readonly [sparsity: number, structure: WeightStructure, m: readonly number[]][] = [
  [0.9, 'unstructured', [1, 4, 8, 16, 64, 256]],
  [0.9, 'balanced', [1]],
  [0.9, 'block4', [16, 64, 256]],
  [0.7, 'unstructured', [1, 16, 64, 256]],
  [0.8, 'unstructured', everyM],
  [0.6, 'unstructured', everyM],
  [0.5, 'unstructured', everyM],
  [0, 'dense', [16, 64, 256]],
];

/** 20, 40 and 100 million weights that are there, at 70 %: the time per weight should not grow with their number. */
const scaleShapes = [
  [8192, 8192],
  [16384, 8192],
  [16384, 20480],
] as const;

const presets = {
  full: { shapes: fullShapes, weights: fullWeights },
  scale: { shapes: scaleShapes, weights: [[0.7, 'unstructured', [1, 64]]] },
} as const satisfies Record<
  string,
  {
    shapes: readonly (readonly [number, number])[];
    weights: readonly (readonly [number, WeightStructure, readonly number[]])[];
  }
>;

export type Preset = keyof typeof presets;
export const presetNames = Object.keys(presets) as Preset[];

/** What was asked for on the command line. */
export interface CellOptions {
  shapes: readonly (readonly [n: number, k: number])[];
  m: readonly number[];
  sparsity: readonly number[];
  structure: readonly WeightStructure[];
  storage: readonly Storage[];
  preset?: Preset;
}

const seed = 1;

/** Every weight once, in the order in which it is measured. A dense weight has no share of zeros to vary. */
export function kernelCells(options: CellOptions): WeightCells[] {
  const preset = options.preset && presets[options.preset];
  const shapes: readonly (readonly [number, number])[] = preset?.shapes ?? options.shapes;
  const weights: readonly (readonly [number, WeightStructure, readonly number[]])[] =
    preset?.weights ??
    options.structure.flatMap((structure) =>
      (structure === 'dense' ? [0] : options.sparsity).map(
        (sparsity) => [sparsity, structure, options.m] as const,
      ),
    );
  return weights.flatMap(([sparsity, structure, m]) =>
    shapes.flatMap(([n, k]) =>
      options.storage.map((storage) => ({
        weight: { n, k, sparsity, structure, storage, seed },
        m: [...m],
      })),
    ),
  );
}
