import { formatActivation } from './activations.ts';
import type { PickStep, Plan, PlanStep, RecurrenceStep, Window } from './plan.ts';

/** What a step does, beyond its name: sizes, window, function, activation. */
export function describeStep(step: PlanStep, plan: Plan): string {
  const parts: string[] = [];
  if (step.op === 'matmul' || step.op === 'conv2d' || step.op === 'recurrence')
    parts.push(`${step.n} x ${step.k}`);
  if (step.op === 'recurrence') parts.push(...describeRecurrence(step));
  if ('window' in step) parts.push(formatWindow(step.window));
  if (step.op === 'pool') parts.push(step.mode);
  if ('function' in step) parts.push(step.function);
  if (step.op === 'reduce') parts.push(`axes ${step.axes}`);
  if (step.op === 'concat' || step.op === 'gather') parts.push(`axis ${step.axis}`);
  if (step.op === 'cast') parts.push(plan.values[step.output]!.dtype);
  if (step.op === 'blocks') parts.push(`${step.block}x${step.block} to ${step.to}`);
  if (step.op === 'pick') parts.push(...describePick(step, plan));
  if ((step.op === 'matmul' || step.op === 'conv2d') && step.inputs.length > 1) parts.push('adds');
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

/** The axes along which something moves; `pad` where there is room around. */
function describePick(step: PickStep, plan: Plan): string[] {
  const { height, width, channels } = plan.values[step.inputs[0]!]!;
  const axes = { rows: height, columns: width, channels } as const;
  const moved = (Object.keys(axes) as (keyof typeof axes)[]).filter(
    (name) => step[name].length !== axes[name] || step[name].some((entry, i) => entry !== i),
  );
  return [
    moved.join(' '),
    ...(moved.some((name) => step[name].includes(-1)) ? [`pad with ${step.fill}`] : []),
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
