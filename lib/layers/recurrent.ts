import type { ValueId } from '../plan/plan.ts';
import type { LayerCall } from './layer-call.ts';
import type { LayerConfig } from './layer-config.ts';
import type { LayerType } from './layer-type.ts';
import { readMask } from './mask.ts';
import { allEntries, pickFromMap } from './ops/map-axes.ts';
import { type Cell, emitCell, readCell, stateCount } from './recurrent-cell.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/** A recurrent layer by its configuration: cells one on top of the other, as a rule one. */
export interface RecurrentLayer {
  cells: readonly { cell: Cell; prefix: string }[];
  returnSequences: boolean;
  returnState: boolean;
  goBackwards: boolean;
  /** Masked steps give zeros, not the output before them. */
  zeroOutputForMask: boolean;
}

/** SimpleRNN, LSTM and GRU; RNN of their cells, or of several of them. */
export const recurrent: LayerType = {
  classNames: ['SimpleRNN', 'LSTM', 'GRU', 'RNN'],
  prunable: ['kernel', 'recurrent_kernel'],
  wholeModelOnly: true,
  lower: (config) => {
    const layer = readRecurrent(config);
    return (call) => {
      if (layer.returnSequences && call.mask) call.maskOutput(call.mask);
      const [input, ...initial] = call.op.inputs.map((tensor) => call.op.map(tensor).id);
      if (input === undefined) throw call.op.unfit('at least one input', 0);
      const { output, states } = runRecurrent(call, layer, { input, initial, prefix: '' });
      return [output, ...states];
    };
  },
};

/** @throws {@link UnsupportedFeature} for what cannot be compiled */
export function readRecurrent(config: LayerConfig): RecurrentLayer {
  for (const key of ['stateful', 'timeMajor']) {
    if (config.boolean(key, false)) {
      throw new UnsupportedFeature(`${key} is not compiled; ${adviceFor(key)}`);
    }
  }
  if (config.get('numConstants') !== undefined) {
    throw new UnsupportedFeature(`numConstants is not compiled; ${keepInTensorFlow}`);
  }
  return {
    cells: readCells(config),
    returnSequences: config.boolean('returnSequences', false),
    returnState: config.boolean('returnState', false),
    goBackwards: config.boolean('goBackwards', false),
    zeroOutputForMask: config.boolean('zeroOutputForMask', false),
  };
}

function adviceFor(key: string): string {
  if (key !== 'stateful') return keepInTensorFlow;
  return 'build the model with returnState and initialState, and hand the states from call to call';
}

function readCells(config: LayerConfig): RecurrentLayer['cells'] {
  const own = readCell(config);
  if (own) return [{ cell: own, prefix: '' }];
  const inner = config.nested('cell');
  if (inner.className !== 'StackedRNNCells') return [{ cell: knownCell(inner), prefix: '' }];
  const cells = inner.get('cells');
  if (!Array.isArray(cells) || cells.length === 0) throw inner.wrong('cells', 'a list of cells', cells);
  const single = cells.length === 1 && config.dialect !== 'tfjs';
  return cells.map((_, i) => {
    const own = inner.nested('cells', i);
    const name = config.dialect === 'tfjs' ? `RNNCell_${i}` : own.layer;
    return { cell: knownCell(own), prefix: single ? '' : `${name}/` };
  });
}

function knownCell(config: LayerConfig): Cell {
  const cell = readCell(config);
  if (cell) return cell;
  throw new UnsupportedFeature(`a cell of class ${config.className} has no native step; ${keepInTensorFlow}`);
}

/** A sequence, with what stands before the names of the weights. */
export interface RecurrentRun {
  input: ValueId;
  /** Of all cells, the last cell's first; none: zeros. */
  initial: readonly ValueId[];
  prefix: string;
}

/**
 * Adds a recurrent layer's run.
 *
 * @returns states: of all cells, the last cell's first, where the layer returns them
 */
export function runRecurrent(
  call: LayerCall,
  { cells, returnSequences, returnState, goBackwards, zeroOutputForMask }: RecurrentLayer,
  { input, initial, prefix }: RecurrentRun,
): { output: ValueId; states: ValueId[] } {
  const counts = cells.map(({ cell }) => stateCount(cell));
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (initial.length !== 0 && initial.length !== total) {
    throw call.op.unfit(`${total} initial states`, initial.length);
  }
  let mask = readMask(call);
  // Keras 3 sets it in every Bidirectional, and without a mask it means nothing.
  if (zeroOutputForMask && mask !== undefined && returnSequences) {
    throw new UnsupportedFeature(
      `zeroOutputForMask is not compiled where there is a mask; ${keepInTensorFlow}`,
    );
  }
  let output = input;
  let states: ValueId[] = [];
  let above = total;
  for (const [i, { cell, prefix: own }] of cells.entries()) {
    const isLast = i === cells.length - 1;
    const sequence = !isLast || returnSequences;
    // Only the first cell turns time around; the ones above it take its outputs as they come.
    const backwards = goBackwards && i === 0;
    above -= counts[i]!;
    const given = initial.slice(above, above + counts[i]!);
    const made = emitCell(call, cell, {
      input: output,
      prefix: prefix + own,
      backwards,
      sequence,
      states: returnState,
      mask,
      initial: given,
    });
    if (returnState) states = [...lastStates(call, cell, made), ...states];
    output = hiddenOf(call, cell, made);
    if (backwards && mask !== undefined && !isLast) mask = reversed(call, mask);
  }
  return { output, states };
}

/** h of a run, without the cell state. */
function hiddenOf(call: LayerCall, { units }: Cell, made: ValueId): ValueId {
  return pick(call, made, undefined, allEntries(units));
}

/** The states behind the last step that ran. */
function lastStates(call: LayerCall, cell: Cell, made: ValueId): ValueId[] {
  const { shape } = call.plan.value(made);
  const last = shape.length === 2 ? vectorAt(call, made, shape[0]! - 1) : made;
  return allEntries(stateCount(cell)).map((state) =>
    pick(
      call,
      last,
      undefined,
      allEntries(cell.units).map((unit) => state * cell.units + unit),
    ),
  );
}

/** One time step of [steps, features], as [features]. */
function vectorAt(call: LayerCall, map: ValueId, step: number): ValueId {
  const features = call.plan.value(map).channels;
  const picked = pick(call, map, [step], allEntries(features));
  return call.plan.addStep({
    op: 'alias',
    layer: call.name,
    inputs: [picked],
    output: call.plan.addValue(call.name, [features]),
  });
}

/** [steps, features] from the last step to the first. */
export function reversed(call: LayerCall, map: ValueId): ValueId {
  const { shape, channels } = call.plan.value(map);
  return pick(call, map, allEntries(shape[0]!).reverse(), allEntries(channels));
}

function pick(
  { op, plan }: LayerCall,
  map: ValueId,
  columns: readonly number[] | undefined,
  channels: readonly number[],
): ValueId {
  const x = plan.value(map);
  if (columns === undefined && channels.length === x.channels) return map;
  const entries = x.shape.length === 1 ? [channels] : [columns ?? allEntries(x.shape[0]!), channels];
  return pickFromMap(op, op.computed(map), entries)!.id;
}
