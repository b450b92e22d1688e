import type { Adapter } from '../adapter.ts';
import { csrProducts } from './csr-products.ts';
import { erk } from './erk.ts';
import { exactTopk } from './exact-topk.ts';
import { grasp } from './grasp.ts';
import { lmc } from './lmc.ts';
import { lottery } from './lottery.ts';
import { movement } from './movement.ts';
import { rigl } from './rigl.ts';
import { seed } from './seed.ts';
import { snip } from './snip.ts';
import { sparsegpt } from './sparsegpt.ts';
import { synflow } from './synflow.ts';
import { tfmotBlockMask } from './tfmot-block-mask.ts';
import { tfmotMByN } from './tfmot-m-by-n.ts';
import { tfmotMask } from './tfmot-mask.ts';
import { tfmotSchedule } from './tfmot-schedule.ts';
import { tfmotTraining } from './tfmot-training.ts';
import { tfmotWrapper } from './tfmot-wrapper.ts';
import { torchGlobalUnstructured, torchL1Unstructured, torchLnStructured } from './torch.ts';
import { wanda } from './wanda.ts';

/** Adapters by the name of the vector file without `.json`. */
export const adapters: Readonly<Record<string, Adapter>> = {
  csr_products: csrProducts,
  erk,
  exact_topk: exactTopk,
  lmc,
  lottery,
  movement,
  rigl,
  grasp,
  seed,
  snip,
  synflow,
  sparsegpt,
  tfmot_block_mask: tfmotBlockMask,
  tfmot_m_by_n: tfmotMByN,
  tfmot_mask: tfmotMask,
  tfmot_schedule: tfmotSchedule,
  tfmot_training: tfmotTraining,
  tfmot_wrapper: tfmotWrapper,
  torch_global_unstructured: torchGlobalUnstructured,
  torch_l1_unstructured: torchL1Unstructured,
  torch_ln_structured: torchLnStructured,
  wanda,
};
