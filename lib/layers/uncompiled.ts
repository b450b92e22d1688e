import type { LayerType } from './layer-type.ts';

/** Classes that pruning knows and that have no steps of their own in a plan. */
const prunableByClass: Record<string, readonly string[] | undefined> = {
  Conv1D: ['kernel'],
  Conv3D: ['kernel'],
  Conv2DTranspose: ['kernel'],
  Conv3DTranspose: ['kernel'],
  LocallyConnected1D: ['kernel'],
  LocallyConnected2D: ['kernel'],
  SeparableConv1D: ['pointwise_kernel'],
  SeparableConv2D: ['pointwise_kernel'],
  MultiHeadAttention: ['query/kernel', 'key/kernel', 'value/kernel', 'attention_output/kernel'],
  LayerNormalization: [],
  ThresholdedReLU: [],
  ZeroPadding1D: [],
  ZeroPadding2D: [],
  ZeroPadding3D: [],
  Cropping1D: [],
  Cropping2D: [],
  Cropping3D: [],
  UpSampling1D: [],
  UpSampling2D: [],
  UpSampling3D: [],
  MaxPooling1D: [],
  MaxPooling3D: [],
  AveragePooling1D: [],
  AveragePooling3D: [],
  GlobalMaxPooling1D: [],
  GlobalMaxPooling3D: [],
  GlobalAveragePooling1D: [],
  GlobalAveragePooling3D: [],
  // TFMOT refuses these by name; so does pruning here.
  Attention: undefined,
  Conv1DTranspose: undefined,
  ConvLSTM2D: undefined,
  GroupNormalization: undefined,
  PReLU: undefined,
  Rescaling: undefined,
};

/** One entry per class, so that the registry treats them like every other layer type. */
export const uncompiled: readonly LayerType[] = Object.entries(prunableByClass).map(
  ([className, prunable]) => ({ classNames: [className], prunable }),
);
