import type { PlanBuilder } from '../builder.ts';
import type { UnaryFunction } from '../functions.ts';
import type { ValueId } from '../plan.ts';

/** y = f(x) on a map. */
export function emitUnary(plan: PlanBuilder, name: string, input: ValueId, fn: UnaryFunction): ValueId {
  const x = plan.value(input);
  const output = plan.addValueIn(name, x.shape, x);
  return plan.addStep({ op: 'unary', layer: name, inputs: [input], output, function: fn });
}
