import { emitDense } from '../plan/emit/dense.ts';
import { transposeKernel } from '../plan/emit/operands.ts';
import { cellGates, type PlanActivation, type RecurrentCell, type ValueId } from '../plan/plan.ts';
import type { LayerCall } from './layer-call.ts';
import type { LayerConfig } from './layer-config.ts';
import { readActivation } from './read-activation.ts';
import { UnsupportedFeature } from './unsupported-feature.ts';

/** What a cell computes at each time step, by its configuration. */
export interface Cell {
  kind: RecurrentCell;
  units: number;
  useBias: boolean;
  activation: PlanActivation;
  recurrentActivation: PlanActivation;
}

const kinds: Readonly<Record<string, Exclude<RecurrentCell, 'gruResetAfter'>>> = {
  SimpleRNN: 'simple',
  SimpleRNNCell: 'simple',
  LSTM: 'lstm',
  LSTMCell: 'lstm',
  GRU: 'gru',
  GRUCell: 'gru',
};

/** Reads a cell, or a layer that is one; `undefined` for another class. */
export function readCell(config: LayerConfig): Cell | undefined {
  const kind = Object.hasOwn(kinds, config.className) ? kinds[config.className]! : undefined;
  if (!kind) return undefined;
  return {
    kind: kind === 'gru' && config.boolean('resetAfter', false) ? 'gruResetAfter' : kind,
    units: config.positiveInteger('units'),
    useBias: config.boolean('useBias', true),
    activation: cellActivation(config, 'activation', 'tanh'),
    recurrentActivation: cellActivation(config, 'recurrentActivation', 'hardSigmoid'),
  };
}

/** States that a cell carries along: h, and c of an LSTM. */
export function stateCount({ kind }: Cell): number {
  return kind === 'lstm' ? 2 : 1;
}

/** A run of a cell over a sequence. */
export interface CellRun {
  /** [steps, features] */
  input: ValueId;
  /** Of its weights: what stands before `kernel`, such as `forward_lstm/`. */
  prefix: string;
  backwards: boolean;
  /** Every step's output, or the last one. */
  sequence: boolean;
  /** Also the cell state of an LSTM. */
  states: boolean;
  mask: ValueId | undefined;
  /** [units] each; none: zeros. */
  initial: readonly ValueId[];
}

/**
 * Adds a cell's run: one product of the whole sequence with the kernel, then the recurrence.
 *
 * @returns a map of h, with `states` the cell state c of an LSTM behind it: of every step in the order in which they run, or of
 *   the last
 */
export function emitCell(call: LayerCall, cell: Cell, run: CellRun): ValueId {
  const { plan } = call;
  const x = plan.value(run.input);
  const [steps, features] = x.shape;
  if (x.shape.length !== 2) throw call.op.unfit('[batch, steps, features]', [null, ...x.shape]);
  const { kind, units } = cell;
  const n = cellGates[kind] * units;
  const name = `${call.name}${run.prefix && `/${run.prefix.slice(0, -1)}`}`;
  const weight = (last: string, shape: readonly number[]) => call.weight(`${run.prefix}${last}`, shape);
  const [bias, recurrentBias] = cell.useBias ? readBiases(kind, n, weight) : [];
  const projected = emitDense(plan, name, run.input, {
    kernel: weight('kernel', [features!, n]),
    outputs: n,
    ...(bias && { bias }),
  });
  const recurrent = transposeKernel(weight('recurrent_kernel', [units, n]), units, n);
  const channels = run.states ? stateCount(cell) * units : units;
  return plan.addStep({
    op: 'recurrence',
    layer: name,
    inputs: [projected, ...(run.mask === undefined ? [] : [run.mask]), ...run.initial],
    output: plan.addValue(name, run.sequence ? [steps!, channels] : [channels]),
    cell: kind,
    weight: plan.addTensor(`${name}/recurrent_kernel`, [n, units], recurrent),
    ...(recurrentBias && { bias: plan.addTensor(`${name}/recurrent_bias`, [n], recurrentBias) }),
    n,
    k: units,
    cellActivation: cell.activation,
    gateActivation: cell.recurrentActivation,
    backwards: run.backwards,
    masked: run.mask !== undefined,
    initial: run.initial.length > 0,
  });
}

/** Of the inputs, and of the state where the reset comes after its product. */
function readBiases(
  kind: RecurrentCell,
  n: number,
  weight: (last: string, shape: readonly number[]) => Float32Array,
): Float32Array[] {
  if (kind !== 'gruResetAfter') return [weight('bias', [n])];
  const both = weight('bias', [2, n]);
  return [both.slice(0, n), both.slice(n)];
}

function cellActivation(config: LayerConfig, key: string, missing: 'tanh' | 'hardSigmoid'): PlanActivation {
  if (config.get(key) === undefined) return { type: missing };
  const activation = readActivation(config, key);
  if (activation.type !== 'softmax' && activation.type !== 'logSoftmax') return activation;
  throw new UnsupportedFeature(
    `${key} "${activation.type}" of a recurrent layer is not compiled; use another one`,
  );
}
