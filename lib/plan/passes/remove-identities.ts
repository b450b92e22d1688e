import type { Plan, PlanStep, ValueId } from '../plan.ts';

/**
 * Steps that change nothing: a linear activation, a window of one element, an alias of the same shape. An alias
 * of an alias reads the first memory directly.
 */
export function removeIdentities(plan: Plan): Plan {
  const same = new Map<ValueId, ValueId>();
  const aliasOf = new Map<ValueId, ValueId>();
  const resolve = (value: ValueId): ValueId => same.get(value) ?? value;
  const steps: PlanStep[] = [];
  for (const step of plan.steps) {
    const inputs = step.inputs.map(resolve);
    const [input] = inputs;
    if (input === undefined) {
      steps.push(step);
      continue;
    }
    const source = step.op === 'alias' ? (aliasOf.get(input) ?? input) : input;
    if (isIdentity({ ...step, inputs: [source] }, plan)) {
      same.set(step.output, source);
      continue;
    }
    if (step.op === 'alias') aliasOf.set(step.output, source);
    steps.push({ ...step, inputs: [source, ...inputs.slice(1)] });
  }
  const outputs = plan.outputs.map((port) => ({ ...port, value: resolve(port.value) }));
  return { ...plan, steps, outputs };
}

function isIdentity(step: PlanStep, plan: Plan): boolean {
  switch (step.op) {
    case 'activation':
      return step.activation.type === 'linear';
    case 'pool':
      return [...step.window.kernel, ...step.window.strides].every((size) => size === 1);
    case 'alias': {
      const [from, to] = [plan.values[step.inputs[0]!]!, plan.values[step.output]!];
      return (
        from.dtype === to.dtype &&
        from.shape.length === to.shape.length &&
        from.shape.every((size, axis) => size === to.shape[axis])
      );
    }
    default:
      return false;
  }
}
