export { SparseError, type SparseErrorCode } from './errors.ts';
export type { StepInfo } from './session/describe.ts';
export { type AccelerateOptions, type Acceleration, accelerate } from './tfjs/accelerate.ts';
export {
  asInferenceModel,
  type ModelInputs,
  type ModelOutputs,
  type SessionModel,
} from './tfjs/inference-model.ts';
export type { AcceleratedStep } from './tfjs/native-path.ts';
