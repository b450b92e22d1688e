import { formatActivation } from './activations.ts';
import type { Plan, PlanStep, RecurrenceStep, Window } from './plan.ts';
import { stepTensors } from './step-tensors.ts';

/**
 * A plan as text for people: one line per step with its layer, output shape, geometry, parameters and zeros.
 * The columns are aligned, so that 200 layers can be read (and two plans compared line by line).
 */
export function formatPlan(plan: Plan): string {
  const ports = (list: Plan['inputs']) =>
    list.map(({ name, value }) => `${name} ${formatShape(plan.values[value]!.shape)}`).join(', ');
  const header = ['#', 'step', 'reads', 'layer', 'output', 'how', 'parameters', 'zeros'];
  const rows = plan.steps.map((step, index) => [
    String(index),
    step.op,
    step.inputs.map((value) => makerOf(plan, value)).join(', '),
    step.layer,
    formatShape(plan.values[step.output]!.shape),
    describeStep(step),
    ...formatWeights(plan, step),
  ]);
  const totals = countWeights(plan, Object.keys(plan.tensors));
  return [
    `inputs:  ${ports(plan.inputs)}`,
    `outputs: ${ports(plan.outputs)}`,
    ...alignColumns([header, ...rows]),
    `${plan.steps.length} steps, ${totals.size.toLocaleString('en')} parameters, ${formatZeros(totals)} zeros`,
  ].join('\n');
}

/** Number of the step that makes a value, or the name of the model's input. */
function makerOf(plan: Plan, value: number): string {
  const step = plan.steps.findIndex((candidate) => candidate.output === value);
  return step >= 0 ? `#${step}` : (plan.inputs.find((port) => port.value === value)?.name ?? '?');
}

function describeStep(step: PlanStep): string {
  const parts: string[] = [];
  if (step.op === 'matmul' || step.op === 'conv2d' || step.op === 'recurrence')
    parts.push(`${step.n} x ${step.k}`);
  if (step.op === 'recurrence') parts.push(...describeRecurrence(step));
  if ('window' in step) parts.push(formatWindow(step.window));
  if (step.op === 'pool') parts.push(step.mode);
  if ('activation' in step && step.activation.type !== 'linear')
    parts.push(formatActivation(step.activation));
  return parts.join(', ');
}

function describeRecurrence(step: RecurrenceStep): string[] {
  const activations =
    step.cell === 'simple' ? [step.cellActivation] : [step.gateActivation, step.cellActivation];
  return [
    step.cell,
    activations.map(formatActivation).join(' '),
    ...(['backwards', 'masked', 'initial'] as const).filter((key) => step[key]),
  ];
}

/** `3x3 /2 pad 0,1,0,1 dilation 2x2`; what is usual is left out. */
function formatWindow({ kernel, strides, dilations, padding }: Window): string {
  const pair = ([height, width]: readonly number[]) =>
    height === width ? `${height}` : `${height}x${width}`;
  return [
    kernel.join('x'),
    ...(strides.every((s) => s === 1) ? [] : [`/${pair(strides)}`]),
    ...(padding.every((p) => p === 0) ? [] : [`pad ${padding.join(',')}`]),
    ...(dilations.every((d) => d === 1) ? [] : [`dilation ${pair(dilations)}`]),
  ].join(' ');
}

function formatWeights(plan: Plan, step: PlanStep): [string, string] {
  const counts = countWeights(plan, stepTensors(step));
  return counts.size === 0 ? ['', ''] : [counts.size.toLocaleString('en'), formatZeros(counts)];
}

function countWeights(plan: Plan, names: readonly string[]): { size: number; zeros: number } {
  let size = 0;
  let zeros = 0;
  for (const name of names) {
    const data = plan.tensors[name]?.data;
    if (!data) continue;
    size += data.length;
    for (const value of data) if (value === 0) zeros++;
  }
  return { size, zeros };
}

function formatZeros({ size, zeros }: { size: number; zeros: number }): string {
  return size === 0 ? '0 %' : `${((100 * zeros) / size).toFixed(1)} %`;
}

function formatShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
