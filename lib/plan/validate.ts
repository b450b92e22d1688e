import { sizeOf, valueSize } from './geometry.ts';
import { invalid } from './invalid-plan.ts';
import type { IntegerTensor, Plan, PlanStep, PlanTensor, PlanValue } from './plan.ts';
import { inputCount } from './validate-array-step.ts';
import { checkStep } from './validate-step.ts';

/** Sizes of one value or tensor that the native side can index. */
const maxElements = 0x7fffffff;

/**
 * Checks everything about a plan that running it relies on: ids, shapes, sizes, geometry, order. A plan from a
 * file may say anything; behind this check it is one that `compile` could have made.
 *
 * @throws SparseError `ERR_SPARSE_PLAN` naming the step or tensor, what was expected and what came
 */
export function validatePlan(plan: unknown): asserts plan is Plan {
  const { version, inputs, outputs, values, steps, tensors, integers = {}, batch } = record(plan, 'the plan');
  if (version !== 1) throw invalid('the plan', 'version 1', version);
  const checkedValues = list(values, 'values').map(checkValue);
  const checkedTensors = new Map(
    Object.entries(record(tensors, 'tensors')).map(([name, tensor]) => [name, checkTensor(name, tensor)]),
  );
  const checkedIntegers = new Map(
    Object.entries(record(integers, 'integers')).map(([name, tensor]) => [name, checkIntegers(name, tensor)]),
  );
  const shared = [...checkedIntegers.keys()].find((name) => checkedTensors.has(name));
  if (shared !== undefined) throw invalid('integers', 'names that differ from those of the tensors', shared);
  if (batch !== undefined && !isSize(batch)) throw invalid('the plan', 'a batch from 1', batch);
  const context = { tensors: checkedTensors, integers: checkedIntegers, batch };
  const made = new Set<number>();
  for (const id of checkPorts(inputs, 'inputs', checkedValues)) {
    if (made.has(id)) throw invalid('inputs', 'a value of its own for each input', id);
    made.add(id);
  }
  for (const [index, step] of list(steps, 'steps').entries()) {
    const where = `step ${index}`;
    const { inputs: reads, output, layer, op } = record(step, where);
    if (typeof layer !== 'string') throw invalid(where, 'the name of a layer', layer);
    const name = `step ${index} (${typeof op === 'string' ? op : '?'} "${layer}")`;
    const read = list(reads, name);
    const count = inputCount(op);
    const isMade = (id: unknown): id is number => isId(id, checkedValues) && made.has(id);
    if (!read.every(isMade) || (count === undefined ? read.length === 0 : read.length !== count)) {
      const values = count === undefined ? 'values' : count === 1 ? 'one value' : `${count} values`;
      throw invalid(name, `to read ${values} that ${count === 1 ? 'was' : 'were'} made before`, reads);
    }
    if (!isId(output, checkedValues) || made.has(output)) {
      throw invalid(name, 'to make a value that nothing made before', output);
    }
    made.add(output);
    const readValues = read.map((id) => checkedValues[id]!);
    checkStep(step as PlanStep, readValues, checkedValues[output]!, context, name);
  }
  if (made.size !== checkedValues.length) {
    const unmade = checkedValues.findIndex((_, id) => !made.has(id));
    throw invalid(`value ${unmade}`, 'an input or a step that makes it', 'none');
  }
  checkPorts(outputs, 'outputs', checkedValues);
}

function checkPorts(ports: unknown, where: string, values: readonly PlanValue[]): number[] {
  const checked = list(ports, where).map((port) => {
    const { name, value, counts } = record(port, where);
    if (typeof name !== 'string') throw invalid(where, 'a name', name);
    if (!isId(value, values)) throw invalid(`${where} "${name}"`, `a value below ${values.length}`, value);
    return { name, value, counts };
  });
  if (checked.length === 0) throw invalid(where, 'at least one', 'none');
  const names = new Set(checked.map((port) => port.name));
  for (const { name, value, counts } of checked) {
    if (counts === undefined) continue;
    const { dtype, shape, fixed } = values[value]!;
    const rows = values[checked.find((port) => port.name === counts && !port.counts)?.value ?? -1];
    if (where !== 'outputs' || !rows?.fixed || rows.shape.length === 0)
      throw invalid(`${where} "${name}"`, 'an output with rows to count', counts);
    if (dtype !== 'int32' || shape.length !== 0 || !fixed)
      throw invalid(`${where} "${name}"`, 'an int32 scalar', [dtype, shape]);
  }
  if (checked.every((port) => port.counts !== undefined))
    throw invalid(where, 'at least one', 'counts alone');
  if (names.size !== checked.length)
    throw invalid(
      where,
      'names that differ',
      checked.map((port) => port.name),
    );
  return checked.map((port) => port.value);
}

function checkValue(value: unknown, id: number): PlanValue {
  const where = `value ${id}`;
  const { name, shape, channels, height, width, dtype, layout, fixed } = record(value, where);
  if (typeof name !== 'string') throw invalid(where, 'a name', name);
  const isArray = layout === 'array';
  if (layout !== undefined && !isArray) throw invalid(`${where} "${name}"`, 'layout array or none', layout);
  if (fixed !== undefined && !(isArray && fixed === true))
    throw invalid(`${where} "${name}"`, 'a fixed array', fixed);
  const dtypes = isArray ? ['float32', 'int32', 'bool'] : ['float32'];
  if (!dtypes.includes(dtype as string))
    throw invalid(`${where} "${name}"`, `dtype ${dtypes.join(', ')}`, dtype);
  const sizes = checkSizes(shape, `shape of ${where} "${name}"`);
  for (const size of [channels, height, width]) {
    if (!isSize(size)) throw invalid(`${where} "${name}"`, 'channels, height and width from 1', size);
  }
  const checked = value as PlanValue;
  // A vector may be a flattened map; every other shape ends in its channels.
  const endsInChannels = isArray ? channels === sizeOf(sizes) : sizes.length < 2 || sizes.at(-1) === channels;
  if (sizeOf(sizes) !== valueSize(checked) || !endsInChannels) {
    throw invalid(`${where} "${name}"`, `[..., ${channels}] of ${valueSize(checked)} elements`, sizes);
  }
  return checked;
}

function checkTensor(name: string, tensor: unknown): PlanTensor {
  const { shape, data } = record(tensor, `tensor "${name}"`);
  const sizes = checkSizes(shape, `shape of tensor "${name}"`);
  if (!(data instanceof Float32Array)) throw invalid(`tensor "${name}"`, 'a Float32Array', typeof data);
  if (data.length !== sizeOf(sizes))
    throw invalid(`tensor "${name}"`, `${sizeOf(sizes)} values`, data.length);
  return tensor as PlanTensor;
}

function checkIntegers(name: string, tensor: unknown): IntegerTensor {
  const { shape, data } = record(tensor, `integers "${name}"`);
  const sizes = checkSizes(shape, `shape of integers "${name}"`);
  if (!(data instanceof Int32Array)) throw invalid(`integers "${name}"`, 'an Int32Array', typeof data);
  if (data.length !== sizeOf(sizes))
    throw invalid(`integers "${name}"`, `${sizeOf(sizes)} values`, data.length);
  return tensor as IntegerTensor;
}

function checkSizes(shape: unknown, where: string): number[] {
  const sizes = list(shape, where);
  if (!sizes.every(isSize) || sizeOf(sizes) > maxElements) {
    throw invalid(where, `sizes from 1 and at most ${maxElements} elements`, shape);
  }
  return sizes;
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= maxElements;
}

function isId(value: unknown, values: readonly unknown[]): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < values.length;
}

function record(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(where, 'an object', value);
  return value as Record<string, unknown>;
}

function list(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) throw invalid(where, 'a list', value);
  return value;
}
