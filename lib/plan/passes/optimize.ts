import type { Plan } from '../plan.ts';
import { foldAffine } from './fold-affine.ts';
import { foldPadding } from './fold-padding.ts';
import { fuseActivation } from './fuse-activation.ts';
import { fuseIdioms } from './fuse-idioms.ts';
import { fuseResidual } from './fuse-residual.ts';
import { mapMoves } from './map-moves.ts';
import { pointwiseConv } from './pointwise-conv.ts';
import { removeDead } from './remove-dead.ts';
import { removeIdentities } from './remove-identities.ts';

/** In the order in which they run: each may rely on those before it. None changes the plan that it is given. */
const passes: readonly ((plan: Plan) => Plan)[] = [
  mapMoves,
  removeIdentities,
  pointwiseConv,
  foldAffine,
  fuseActivation,
  // What a model spells out has an activation in it, and is one.
  fuseIdioms,
  fuseActivation,
  fuseResidual,
  foldPadding,
  removeDead,
];

/** Runs all passes: the same results, in fewer steps. */
export function optimizePlan(plan: Plan): Plan {
  return passes.reduce((current, pass) => pass(current), plan);
}
