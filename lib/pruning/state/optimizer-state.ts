import type { Optimizer, Variable } from '@tensorflow/tfjs-core';
import { SparseError } from '../../errors.ts';
import { tfc } from '../peers.ts';

/** A slot of an optimizer: entry i of its list belongs to the i-th gradient. */
interface Slot {
  originalName: string;
  variable: Variable;
}

/** One variable of an optimizer. */
export interface OptimizerValue {
  /** Field of the optimizer. */ field: string;
  /** Position in the field's list; absent: the field is the variable. */ index?: number;
  /** Of a slot: the weight that it belongs to, by its key, and the slot's own name. */ owner?: string;
  suffix?: string;
  shape: number[];
  values: Float32Array;
}

/** Everything that an optimizer remembers. */
export interface OptimizerState {
  className: string;
  iterations: number;
  learningRate?: number | undefined;
  values: OptimizerValue[];
}

type Fields = Record<string, unknown>;

const isVariable = (value: unknown): value is Variable => value instanceof tfc.Variable;
const isSlot = (value: unknown): value is Slot => isVariable((value as Slot | null | undefined)?.variable);

function copied(variable: Variable) {
  // A copy: the backend may hand out its own memory.
  return { shape: [...variable.shape], values: Float32Array.from(variable.dataSync()) };
}

/**
 * Reads all slots and counters of any of TF.js's optimizers, and of others that keep theirs in the same way.
 *
 * @param keys - of the weights, by the name of their variable: names differ from process to process
 */
export function readOptimizer(optimizer: Optimizer, keys: ReadonlyMap<string, string>): OptimizerState {
  const fields = optimizer as unknown as Fields;
  const values: OptimizerValue[] = [];
  for (const [field, value] of Object.entries(fields)) {
    if (isVariable(value)) values.push({ field, ...copied(value) });
    if (!Array.isArray(value)) continue;
    value.forEach((slot: unknown, index) => {
      if (!isSlot(slot)) return;
      const cut = slot.originalName.lastIndexOf('/');
      const owner = keys.get(slot.originalName.slice(0, cut));
      const suffix = slot.originalName.slice(cut + 1);
      values.push({ field, index, ...(owner !== undefined && { owner }), suffix, ...copied(slot.variable) });
    });
  }
  const { learningRate } = fields;
  return {
    className: optimizer.getClassName(),
    iterations: optimizer.iterations,
    learningRate: typeof learningRate === 'number' ? learningRate : undefined,
    values,
  };
}

/**
 * Refuses a state of another kind of optimizer.
 *
 * @throws {@link SparseError} `ERR_SPARSE_FILE`
 */
export function checkOptimizer(file: string, optimizer: Optimizer, state: OptimizerState): void {
  const fields = optimizer as unknown as Fields;
  const className = optimizer.getClassName();
  const fits = state.values.every(({ field, index }) =>
    index === undefined ? isVariable(fields[field]) : Array.isArray(fields[field]),
  );
  if (className === state.className && fits) return;
  throw new SparseError(
    'ERR_SPARSE_FILE',
    `loadTrainingState: ${file} holds the state of optimizer ${state.className}, received ${className}. Compile the model ` +
      'with the optimizer that it was trained by.',
    { tensor: 'optimizer', expected: state.className, received: className },
  );
}

/**
 * Gives an optimizer the state of another one of its class, bit for bit.
 *
 * @param names - of the variables, by the key of their weight
 */
export function writeOptimizer(
  optimizer: Optimizer,
  state: OptimizerState,
  names: ReadonlyMap<string, string>,
): void {
  const fields = optimizer as unknown as Fields;
  for (const value of Object.values(fields)) {
    if (!Array.isArray(value) || !value.some(isSlot)) continue;
    for (const slot of value) if (isSlot(slot)) slot.variable.dispose();
    value.length = 0;
  }
  for (const { field, index, owner, suffix, shape, values } of state.values) {
    const tensor = tfc.tensor(values, shape);
    if (index === undefined) {
      (fields[field] as Variable).assign(tensor);
    } else {
      const name = `${(owner !== undefined && names.get(owner)) || owner || 'slot'}/${suffix}`;
      (fields[field] as Slot[])[index] = { originalName: name, variable: tfc.variable(tensor, false) };
    }
    tensor.dispose();
  }
  fields.iterations_ = state.iterations;
  const { learningRate } = state;
  if (learningRate === undefined || learningRate === fields.learningRate) return;
  const { setLearningRate } = optimizer as unknown as { setLearningRate?: (rate: number) => void };
  if (setLearningRate) setLearningRate.call(optimizer, learningRate);
  else fields.learningRate = learningRate;
}
