import { SparseError } from '../errors.ts';
import type { SessionReport, WeightStats, WorkDivision } from '../native/bindings.ts';
import type { Plan, PlanStep } from '../plan/plan.ts';
import { stepShape } from '../plan/step-shape.ts';
import { type FoundStructure, findStructure } from '../sparse/found-structure.ts';
import { type Candidate, estimateWays, type KernelChoice, wayOf } from '../sparse/kernel-choice.ts';
import { streamNs } from '../sparse/kernel-rates.ts';
import type { Storage } from '../sparse/storage.ts';
import { isProduct, type ProductStep, timesRun, weightOf } from './choose.ts';

/** One step of a session. m: batch × positions, n: outputs, k: inputs. */
export interface StepInfo {
  /** Name of the TF.js layer; fused layers are joined by `+`. */
  layer: string;
  /** Operation of the plan: matmul, conv2d, pool, … */
  op: string;
  /** Native kernel that runs. */
  kernel: string;
  /** Batch × output positions; 1 position for a Dense layer on vectors; of a recurrence, the batch: its times are of all its steps. */
  m: number;
  /** Outputs: units, filters or channels. */
  n: number;
  /** Inputs that one output is made of. */
  k: number;
  /** Fraction of the weight that is not zero; 1 for steps without a weight. */
  density: number;
  /** Pattern of the weight's zeros, found in the weight itself; a step that is no product has none. */
  structure?: FoundStructure;
  /** Bytes of packed weights. */
  bytes: number;
  /** How they are kept; a step that is no product has float32. */
  storage: Storage;
  /** Microseconds by the cost model, on one thread. */
  estimateUs: number;
  /** Microseconds on this CPU, where the session was tuned; of every step in a profile. */
  measuredUs?: number;
  /** Why this kernel and not the others. */
  reason: string;
  /** How the threads of a run share the work of a product at this batch; of a recurrence, of one time step. */
  division?: WorkDivision;
}

/** What a session runs, with which memory. */
export interface SessionDescription {
  /** In the order in which they run. */
  steps: StepInfo[];
  /** Bytes of activations and scratch for one run of this batch. */
  arenaBytes: number;
  /** Bytes of packed weights. */
  weightBytes: number;
  /** Instruction set that runs, as `nativeInfo().isa`. */
  isa: string;
  /** Threads of one run. */
  threads: number;
}

/** What a session knows of its choices. */
export interface Choices {
  stats: ReadonlyMap<ProductStep, WeightStats>;
  byStep: ReadonlyMap<ProductStep, KernelChoice>;
  isa: string;
  storage: Storage;
}

const percent = (fraction: number) => `${(100 * fraction).toFixed(1)} %`;
const microseconds = (us: number) => (us < 10 ? us.toFixed(2) : us < 1000 ? us.toFixed(1) : us.toFixed(0));

const list = (ways: readonly Candidate[]) =>
  ways.map((way) => `${way.name} ${microseconds(way.us)}`).join(', ');

/** The way that a product runs with m columns, and how it compares with the others. */
function explain(
  step: ProductStep,
  { stats, byStep, isa, storage }: Choices,
  m: number,
  times: number,
): Pick<StepInfo, 'density' | 'structure' | 'estimateUs' | 'measuredUs' | 'reason'> {
  const { n, k } = step;
  const weight = weightOf(step, stats.get(step)!, storage);
  const choice = byStep.get(step)!;
  // A batch that was not planned for runs the way that the weight was packed for.
  const { asMatrix, name } = wayOf(choice, m);
  const estimates = estimateWays(weight, isa, m, asMatrix, name).map((way) => ({
    ...way,
    us: way.us * times,
  }));
  const known = choice.measured?.get(m) ?? estimates;
  const chosen = known.find((way) => way.name === name)!;
  const density = weight.stats.nonZeros / (n * k);
  const structure = findStructure(weight);
  const zeros = density < 1 ? `${percent(1 - density)} zeros, ${structure}` : 'no zeros';
  const verb = known === estimates ? 'estimated' : 'measured';
  return {
    density,
    structure,
    estimateUs: estimates.find((way) => way.name === name)!.us,
    ...(known === estimates ? {} : { measuredUs: chosen.us }),
    reason: `${zeros}: ${chosen.name} ${verb} at ${microseconds(chosen.us)} us (${list(known.filter((way) => way !== chosen))})`,
  };
}

/** Expects a description of a session of this plan. */
export function checkDescription(description: SessionDescription, plan: Plan): void {
  const expected = plan.steps.filter(({ op }) => op !== 'alias').map(({ layer }) => layer);
  const received = (description as Partial<SessionDescription> | null)?.steps?.map?.(({ layer }) => layer);
  if (received?.length === expected.length && received.every((layer, i) => layer === expected[i])) return;
  throw new SparseError(
    'ERR_SPARSE_ARGUMENT',
    `format: description: expected what describe() or profile() of this session gave, received ${received ? `one of ${received.length} other steps` : String(description)}.`,
    { tensor: 'description', expected: expected.length, received: received?.length },
  );
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
    const { kernel, bytes, division } = report.steps[index]!;
    const about = isProduct(step)
      ? explain(step, choices, m, timesRun(plan, step))
      : {
          density: 1,
          estimateUs: (streamNs(m * n * 4) * (k + 4)) / 4 / 1000,
          reason: 'one kernel for this operation',
        };
    const storage = isProduct(step) ? choices.storage : 'float32';
    const divided = division && { division };
    infos.push({ layer: step.layer, op: step.op, kernel, m, n, k, bytes, storage, ...about, ...divided });
  });
  return infos;
}
