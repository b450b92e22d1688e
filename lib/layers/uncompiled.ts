import type { LayerType } from './layer-type.ts';

/** Classes that pruning knows and that have no steps of their own in a plan. */
const prunableByClass: Record<string, readonly string[] | undefined> = {
  Conv3D: ['kernel'],
  Conv3DTranspose: ['kernel'],
  LocallyConnected1D: ['kernel'],
  LocallyConnected2D: ['kernel'],
  SeparableConv1D: ['pointwise_kernel'],
  MultiHeadAttention: ['query/kernel', 'key/kernel', 'value/kernel', 'attention_output/kernel'],
  ZeroPadding3D: [],
  Cropping3D: [],
  UpSampling1D: [],
  UpSampling3D: [],
  MaxPooling3D: [],
  AveragePooling3D: [],
  GlobalMaxPooling3D: [],
  GlobalAveragePooling3D: [],
  // TFMOT refuses these by name; so does pruning here.
  Attention: undefined,
  Conv1DTranspose: undefined,
  ConvLSTM2D: undefined,
  GroupNormalization: undefined,
};

/** One entry per class, so that the registry treats them like every other layer type. */
export const uncompiled: readonly LayerType[] = Object.entries(prunableByClass).map(
  ([className, prunable]) => ({ classNames: [className], prunable }),
);
