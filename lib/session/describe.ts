import type { SessionReport, WeightStats } from '../native/bindings.ts';
import type { Plan, PlanStep } from '../plan/plan.ts';
import { stepShape } from '../plan/step-shape.ts';
import type { Choice, KernelChoice } from '../sparse/kernel-choice.ts';
import { streamRate } from '../sparse/kernel-rates.ts';
import type { ProductStep } from './choose.ts';

/** One step of a session. m: batch × positions, n: outputs, k: inputs. */
export interface StepInfo {
  /** Name of the TF.js layer; fused layers are joined by `+`. */
  layer: string;
  /** Operation of the plan: matmul, conv2d, pool, … */
  op: string;
  /** Native kernel that runs. */
  kernel: string;
  m: number;
  n: number;
  k: number;
  /** Fraction of the weight that is not zero; 1 for steps without a weight. */
  density: number;
  /** Bytes of packed weights. */
  bytes: number;
  /** Microseconds by the cost model, on one thread. */
  estimateUs: number;
  /** Microseconds on this CPU, where the session was tuned. */
  measuredUs?: number;
  /** Why this kernel and not the others. */
  reason: string;
}

export interface SessionDescription {
  steps: StepInfo[];
  /** Bytes of activations and scratch for one run of this batch. */
  arenaBytes: number;
  /** Bytes of packed weights. */
  weightBytes: number;
  isa: string;
  threads: number;
}

/** What a session knows of its choices. */
export interface Choices {
  stats: ReadonlyMap<ProductStep, WeightStats>;
  byStep: ReadonlyMap<ProductStep, KernelChoice>;
  tuned: boolean;
}

const percent = (fraction: number) => `${(100 * fraction).toFixed(1)} %`;
const microseconds = (us: number) => (us < 10 ? us.toFixed(2) : us < 1000 ? us.toFixed(1) : us.toFixed(0));

function productReason(density: number, m: number, choice: Choice, tuned: boolean): string {
  const verb = tuned ? 'measured' : 'estimated';
  const others = choice.others.map((c) => `${c.name} ${microseconds(c.estimateUs)}`).join(', ');
  const zeros = density < 1 ? `${percent(1 - density)} zeros` : 'no zeros';
  return `${zeros}, M = ${m}: ${choice.name} ${verb} at ${microseconds(choice.estimateUs)} us (${others})`;
}

/** The steps of a session at one batch size, aliases left out. */
export function describeSteps(
  plan: Plan,
  choices: Choices,
  report: SessionReport,
  batch: number,
): StepInfo[] {
  const infos: StepInfo[] = [];
  plan.steps.forEach((step: PlanStep, index) => {
    if (step.op === 'alias') return;
    const { m, n, k } = stepShape(plan, step, batch);
    const { kernel, bytes } = report.steps[index]!;
    const info = { layer: step.layer, op: step.op, kernel, m, n, k, bytes };
    const stats = choices.stats.get(step as ProductStep);
    const byColumns = choices.byStep.get(step as ProductStep);
    // The batch may be one that was not planned for: then the way that was packed runs.
    const choice =
      m === 1 ? (byColumns?.vector ?? byColumns?.matrix) : (byColumns?.matrix ?? byColumns?.vector);
    if (stats === undefined || choice === undefined) {
      const estimateUs = (m * n * (k + 4)) / streamRate(m * n * 4) / 1000;
      infos.push({ ...info, density: 1, estimateUs, reason: 'one kernel for this operation' });
      return;
    }
    const density = stats.nonZeros / (n * k);
    infos.push({
      ...info,
      density,
      estimateUs: choice.estimateUs,
      ...(choices.tuned ? { measuredUs: choice.estimateUs } : {}),
      reason: productReason(density, m, choice, choices.tuned),
    });
  });
  return infos;
}
