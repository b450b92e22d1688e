export { SparseError, type SparseErrorCode } from './errors.ts';
export { type AssertSparsityOptions, assertSparsity, type SparsityMiss } from './pruning/assert-sparsity.ts';
export type { Batch, Batches } from './pruning/batches.ts';
export { type CoefficientEffect, coefficientEffects, evaluateCoefficients } from './pruning/coefficients.ts';
export { type ColumnPruning, pruneColumns, pruneLayerColumns } from './pruning/column-norm.ts';
export { getSparsity, type WeightSparsity } from './pruning/get-sparsity.ts';
export { type JaxPrunerScheduleConfig, jaxPrunerSchedule } from './pruning/jaxpruner-schedule.ts';
export type { PruningCompat } from './pruning/mask.ts';
export { afterStep, maskGradients } from './pruning/optimizer-masks.ts';
export type { Policy } from './pruning/policy.ts';
export { type PruneLowMagnitudeConfig, pruneLowMagnitude } from './pruning/prune-low-magnitude.ts';
export { PruneLowMagnitude } from './pruning/prune-low-magnitude-layer.ts';
export { type PruneOnceResult, pruneOnce } from './pruning/prune-once.ts';
export type { DensitySchedule, PruneOnceConfig, PruneOnceProgress } from './pruning/prune-once-config.ts';
export { reviveSchedule } from './pruning/revive-schedule.ts';
export {
  constantSparsity,
  cosineSparsity,
  exponentialSparsity,
  linearSparsity,
  type PruningSchedule,
  polynomialDecay,
  type ScheduleWindow,
  type SparsityRamp,
} from './pruning/schedules.ts';
export { type SizeReport, sizeReport } from './pruning/size-report.ts';
export { stripPruning } from './pruning/strip.ts';
export type { ArrayValues, BatchSource, MemoryData, StudyBatch, StudyData } from './pruning/studies/data.ts';
export type { Quality } from './pruning/studies/evaluate.ts';
export type { MaskedCount, PruningOptions } from './pruning/studies/level-masks.ts';
export {
  type LotteryTicketOptions,
  type LotteryTicketRecord,
  lotteryTicket,
  type TicketBranch,
  type TicketControl,
  type TicketPoint,
  type TicketResult,
} from './pruning/studies/lottery-ticket.ts';
export type { WeightValues } from './pruning/studies/model-weights.ts';
export type { Masks } from './pruning/studies/open-training.ts';
export type { StudyOptions } from './pruning/studies/study.ts';
export type { TrainingPoint } from './pruning/studies/train.ts';
export type { TrainingOptions } from './pruning/studies/training-options.ts';
export { updatePruningStep } from './pruning/update-pruning-step.ts';
export { withMasks } from './pruning/with-masks.ts';
export { PruningWrapper } from './pruning/wrapper.ts';
