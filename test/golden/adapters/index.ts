import type { Adapter } from '../adapter.ts';
import { exactTopk } from './exact-topk.ts';
import { seed } from './seed.ts';
import { tfmotBlockMask } from './tfmot-block-mask.ts';
import { tfmotMask } from './tfmot-mask.ts';
import { tfmotSchedule } from './tfmot-schedule.ts';
import { tfmotTraining } from './tfmot-training.ts';
import { tfmotWrapper } from './tfmot-wrapper.ts';

/** Adapters by the name of the vector file without `.json`. */
export const adapters: Readonly<Record<string, Adapter>> = {
  exact_topk: exactTopk,
  seed,
  tfmot_block_mask: tfmotBlockMask,
  tfmot_mask: tfmotMask,
  tfmot_schedule: tfmotSchedule,
  tfmot_training: tfmotTraining,
  tfmot_wrapper: tfmotWrapper,
};
