import type { BinaryStep, Conv2dStep, MatmulStep, Plan, PlanStep, ValueId } from '../plan.ts';
import { countReaders, joinLayers } from './pairs.ts';

/**
 * The sum of a product and another value of its size is made by the product, before its activation: a residual
 * connection costs no pass of its own over memory. The step runs where the sum stood, when both are there.
 */
export function fuseResidual(plan: Plan): Plan {
  const readers = countReaders(plan);
  const makers = new Map<ValueId, PlanStep>();
  const gone = new Set<PlanStep>();
  const steps: PlanStep[] = [];
  for (const step of plan.steps) {
    const product = isSum(step, plan) ? lastProduct(step, steps, makers, readers) : undefined;
    const made = product === undefined ? step : join(product, step as BinaryStep);
    if (product) gone.add(product);
    makers.set(made.output, made);
    steps.push(made);
  }
  return { ...plan, steps: steps.filter((step) => !gone.has(step)) };
}

/** Of two maps of one size, at more than one position: single vectors have kernels that end otherwise. */
function isSum(step: PlanStep, plan: Plan): boolean {
  if (step.op !== 'binary' || step.function !== 'add') return false;
  const y = plan.values[step.output]!;
  const isOfSize = (id: ValueId) => {
    const { layout, channels, height, width } = plan.values[id]!;
    return layout !== 'array' && channels === y.channels && height === y.height && width === y.width;
  };
  return y.layout !== 'array' && y.height * y.width > 1 && step.inputs.every(isOfSize);
}

/** The later of the operands that are plain products and are read by nobody else: the other one is there by then. */
function lastProduct(
  sum: PlanStep,
  steps: readonly PlanStep[],
  makers: ReadonlyMap<ValueId, PlanStep>,
  readers: readonly number[],
): MatmulStep | Conv2dStep | undefined {
  const [a, b] = sum.inputs.map((input) => {
    const maker = makers.get(input);
    return maker !== undefined && isPlainProduct(maker) && readers[input] === 1 ? maker : undefined;
  });
  if (a === undefined || b === undefined) return a ?? b;
  return steps.indexOf(a) > steps.indexOf(b) ? a : b;
}

function isPlainProduct(step: PlanStep): step is MatmulStep | Conv2dStep {
  return (
    (step.op === 'matmul' || step.op === 'conv2d') &&
    step.inputs.length === 1 &&
    step.activation.type === 'linear'
  );
}

function join(product: MatmulStep | Conv2dStep, sum: BinaryStep): PlanStep {
  const other = sum.inputs.find((input) => input !== product.output)!;
  return {
    ...product,
    layer: joinLayers(product, sum),
    inputs: [product.inputs[0]!, other],
    output: sum.output,
    activation: sum.activation,
  };
}
