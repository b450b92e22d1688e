export { SparseError, type SparseErrorCode } from './errors.ts';
export { type AssertSparsityOptions, assertSparsity, type SparsityMiss } from './pruning/assert-sparsity.ts';
export type { Batch, Batches } from './pruning/batches.ts';
export { LayerHessian } from './pruning/calibration/hessian.ts';
export {
  type SparseGptConfig,
  type SparseGptSolution,
  sparseGptSolve,
} from './pruning/calibration/sparsegpt.ts';
export { FeatureNorms, type WandaTarget, wandaMask, wandaMetric } from './pruning/calibration/wanda.ts';
export { type VariantMask, wandaVariantMask } from './pruning/calibration/wanda-variant.ts';
export type { KeepReason } from './pruning/channels/channel-classes.ts';
export { type CoefficientEffect, coefficientEffects, evaluateCoefficients } from './pruning/coefficients.ts';
export { type ColumnPruning, pruneColumns, pruneLayerColumns } from './pruning/column-norm.ts';
export type { CompressedSizes } from './pruning/compressed-sizes.ts';
export { scoreWeight, type WeightCriterionName } from './pruning/criteria/index.ts';
export type { WeightView } from './pruning/criteria/weight-view.ts';
export type { ZhouName } from './pruning/criteria/zhou.ts';
export type { DataCriterion, OwnCriterion, TrainedCriterion, WeightCriterion } from './pruning/criterion.ts';
export { type BudgetedWeight, type Distribution, distribute } from './pruning/distributions.ts';
export {
  type Connections,
  cosineDropFraction,
  type DropWindow,
  dropAndGrow,
  type Exchange,
  resetGrown,
} from './pruning/drop-grow.ts';
export { type DynamicSparsityConfig, dynamicSparsity } from './pruning/dynamic-sparsity.ts';
export { type ErkOptions, type ErkSparsities, erkSparsities } from './pruning/erk.ts';
export {
  classificationError,
  type ErrorBarrier,
  errorBarrier,
  interpolateWeights,
  interpolationAlphas,
} from './pruning/error-barrier.ts';
export { getSparsity, type WeightSparsity } from './pruning/get-sparsity.ts';
export { type JaxPrunerScheduleConfig, jaxPrunerSchedule } from './pruning/jaxpruner-schedule.ts';
export type { LossChoice, LossFunction } from './pruning/losses.ts';
export { type GroupAxis, type GroupPattern, isPrunedMByN } from './pruning/m-by-n.ts';
export type { PruningCompat } from './pruning/mask.ts';
export {
  type Mask0Action,
  type Mask1Action,
  type Mask1Options,
  type MaskedWeight,
  mask0Values,
  mask1Values,
} from './pruning/mask-actions.ts';
export {
  descend,
  type MovingWeight,
  movementGradients,
  penalizedLoss,
  type ScorePenalty,
  scorePenalty,
} from './pruning/movement/gradients.ts';
export { type GlobalThreshold, globalThreshold, thresholdMask, topKMask } from './pruning/movement/masks.ts';
export {
  type MovementScheduleConfig,
  type MovementStep,
  movementSchedule,
} from './pruning/movement/schedule.ts';
export { type LevelWeight, type NextLevel, openLthLevel } from './pruning/openlth-level.ts';
export { afterStep, maskGradients } from './pruning/optimizer-masks.ts';
export type { Policy } from './pruning/policy.ts';
export { prune } from './pruning/prune.ts';
export type { PruneConfig } from './pruning/prune-config.ts';
export { type PruneLowMagnitudeConfig, pruneLowMagnitude } from './pruning/prune-low-magnitude.ts';
export { PruneLowMagnitude } from './pruning/prune-low-magnitude-layer.ts';
export { type PruneOnceResult, pruneOnce } from './pruning/prune-once.ts';
export type { DensitySchedule, PruneOnceConfig, PruneOnceProgress } from './pruning/prune-once-config.ts';
export { type PruningSummariesOptions, pruningSummaries } from './pruning/pruning-summaries.ts';
export {
  type ModelQuantization,
  type QuantizedModel,
  type QuantizedWeightReport,
  type QuantizeModelOptions,
  quantize,
} from './pruning/quantize.ts';
export {
  dequantizeWeights,
  type QuantizedType,
  type QuantizedWeights,
  type QuantizeOptions,
  quantizeWeights,
} from './pruning/quantize-weights.ts';
export {
  type ChannelReport,
  type RemoveChannelsOptions,
  removeChannels,
} from './pruning/remove-channels.ts';
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
export { type Scope, type ScoredWeight, type SelectionRule, selectMasks } from './pruning/select-masks.ts';
export { rescaleMultiplier, signedConstant } from './pruning/signed-constant.ts';
export { type LayerSize, type SizeReport, sizeReport } from './pruning/size-report.ts';
export { type LoadedTrainingState, loadTrainingState } from './pruning/state/load-training-state.ts';
export { keepRewindPoint, rewindWeights } from './pruning/state/rewind-point.ts';
export { type SaveTrainingStateOptions, saveTrainingState } from './pruning/state/save-training-state.ts';
export { stripPruning } from './pruning/strip.ts';
export type { ArrayValues, BatchSource, MemoryData, StudyBatch, StudyData } from './pruning/studies/data.ts';
export type { Quality } from './pruning/studies/evaluate.ts';
export type { MaskedCount } from './pruning/studies/level-masks.ts';
export {
  type LotteryTicketOptions,
  type LotteryTicketRecord,
  lotteryTicket,
  type TicketBranch,
  type TicketControl,
  type TicketPoint,
  type TicketResult,
} from './pruning/studies/lottery-ticket.ts';
export {
  linearModeConnectivity,
  type ModeConnectivityOptions,
  type ModeConnectivityRecord,
  type ModeInstability,
  type ModePath,
  type ModePoint,
} from './pruning/studies/mode-connectivity.ts';
export type { WeightValues } from './pruning/studies/model-weights.ts';
export type { Masks } from './pruning/studies/open-training.ts';
export type { PruningOptions } from './pruning/studies/pruning-options.ts';
export {
  type PruningRecipeOptions,
  type PruningRecipeRecord,
  pruningRecipe,
  type RecipePoint,
  type RecipeResult,
} from './pruning/studies/pruning-recipe.ts';
export {
  type RetrainOptions,
  type RetrainPoint,
  type RetrainRecord,
  type RetrainResult,
  retrain,
} from './pruning/studies/retrain.ts';
export { type RetrainMethod, type RetrainPlan, retrainPlan } from './pruning/studies/retrain-plan.ts';
export {
  type Measured,
  type SensitivityBaseline,
  type SensitivityOptions,
  type SensitivityPoint,
  type SensitivityRecord,
  sensitivity,
} from './pruning/studies/sensitivity.ts';
export type { StudyOptions } from './pruning/studies/study.ts';
export {
  type SupermaskPoint,
  type SupermaskRecord,
  type SupermaskResult,
  supermask,
} from './pruning/studies/supermask.ts';
export type {
  HeuristicSupermaskOptions,
  LearnedSupermaskOptions,
  SupermaskOptions,
} from './pruning/studies/supermask-options.ts';
export type { TrainingPoint } from './pruning/studies/train.ts';
export type { TrainingOptions } from './pruning/studies/training-options.ts';
export {
  type PruneAmount,
  type TorchWeight,
  torchGlobal,
  torchStructured,
  torchUnstructured,
} from './pruning/torch-prune.ts';
export { updatePruningStep } from './pruning/update-pruning-step.ts';
export type { SparseStorage } from './pruning/weight-storage.ts';
export { withMasks } from './pruning/with-masks.ts';
export { PruningWrapper } from './pruning/wrapper.ts';
export { type ZhouRound, zhouPercent, zhouRound } from './pruning/zhou-round.ts';
