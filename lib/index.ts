export {
  errorCodes,
  SparseError,
  type SparseErrorCode,
  type SparseErrorFacts,
  type UnsupportedLayer,
  UnsupportedLayerError,
} from './errors.ts';
export type { ArtifactsLike, ModelSource, SavableModel, WeightSpec } from './io/model-source.ts';
export { compare } from './measure/compare.ts';
export type { CompareEngine, CompareOptions, Comparison, ComparisonRow } from './measure/comparison.ts';
export type { NativeInfo, WorkDivision } from './native/bindings.ts';
export { nativeInfo } from './native/info.ts';
export { type Batcher, batcher } from './session/batcher.ts';
export type { BatcherOptions } from './session/batcher-options.ts';
export { type CompileOptions, compile } from './session/compile.ts';
export type { SessionDescription, StepInfo } from './session/describe.ts';
export type { SessionOptions } from './session/options.ts';
export type { TensorInfo, Values } from './session/ports.ts';
export { type RunManyOptions, type RunOptions, type RunResults, SparseSession } from './session/session.ts';
export type { Activation } from './sparse/activation.ts';
export { CsrMatrix, type CsrPartsInput, type FromDenseOptions } from './sparse/csr.ts';
export type { FoundStructure } from './sparse/found-structure.ts';
export type { SparseMode } from './sparse/kernel-choice.ts';
export { applyMask, buildMask, type MaskOptions } from './sparse/masks.ts';
export type { MatmulOptions } from './sparse/matmul-call.ts';
export { type NormOver, type RankNormsOptions, rankNorms, selectThreshold } from './sparse/ranking.ts';
export type { Storage } from './sparse/storage.ts';
export type { Compat, Mask, NormOrder, Structure } from './sparse/structure.ts';
