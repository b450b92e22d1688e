import { type Geometry, geometryOf, sizeOf } from './geometry.ts';
import type {
  IntegerTensor,
  Plan,
  PlanPort,
  PlanStep,
  PlanTensor,
  PlanValue,
  TensorName,
  ValueDtype,
  ValueId,
} from './plan.ts';

/**
 * Puts a plan together: values, steps and tensors get their ids here. The functions in `emit/` add whole
 * operations by it; both kinds of model come through them.
 */
export class PlanBuilder {
  private readonly counts: PlanPort[] = [];
  private readonly plan: Plan = { version: 1, inputs: [], outputs: [], values: [], steps: [], tensors: {} };

  /** An input of the model. @param shape - without the batch */
  input(name: string, shape: readonly number[]): ValueId {
    const value = this.addValue(name, shape);
    this.plan.inputs.push({ name, value });
    return value;
  }

  /** @param count - an int32 scalar: how many rows the output has, where that is known only after the run */
  output(name: string, value: ValueId, count?: ValueId): void {
    this.plan.outputs.push({ name, value });
    if (count !== undefined) this.counts.push({ name: `count of ${name}`, value: count, counts: name });
  }

  /** A value whose memory follows from its logical shape. */
  addValue(name: string, shape: readonly number[]): ValueId {
    return this.addValueIn(name, shape, geometryOf(shape));
  }

  /** A value whose memory has a geometry of its own, such as a flattened feature map. */
  addValueIn(name: string, shape: readonly number[], { channels, height, width }: Geometry): ValueId {
    this.plan.values.push({ name, shape: [...shape], channels, height, width, dtype: 'float32' });
    return this.plan.values.length - 1;
  }

  /** A row-major array. @param fixed - one for all rows of the batch, or with the batch in its shape */
  addArray(name: string, shape: readonly number[], dtype: ValueDtype, fixed: boolean): ValueId {
    const geometry = { channels: sizeOf(shape), height: 1, width: 1 };
    const layout = { layout: 'array' as const, ...(fixed && { fixed: true as const }) };
    this.plan.values.push({ name, shape: [...shape], ...geometry, dtype, ...layout });
    return this.plan.values.length - 1;
  }

  /** An input that comes as an array. */
  inputArray(name: string, shape: readonly number[], dtype: ValueDtype, fixed: boolean): ValueId {
    const value = this.addArray(name, shape, dtype, fixed);
    this.plan.inputs.push({ name, value });
    return value;
  }

  /** Makes the plan one for this batch only. */
  fixBatch(batch: number): void {
    this.plan.batch = batch;
  }

  get batch(): number | undefined {
    return this.plan.batch;
  }

  value(id: ValueId): Readonly<PlanValue> {
    const value = this.plan.values[id];
    if (!value) throw new RangeError(`value ${id} of a plan with ${this.plan.values.length}`);
    return value;
  }

  /**
   * Gives an input that is a vector another geometry of the same size. Its values come in row-major order whatever
   * the geometry, so only its readers have to know, and there must be none yet.
   *
   * @returns whether the value is such an input
   */
  layOutInput(id: ValueId, { channels, height, width }: Geometry): boolean {
    const value = this.plan.values[id];
    const isInput = this.plan.inputs.some((port) => port.value === id);
    const isRead = this.plan.steps.some((step) => step.inputs.includes(id));
    if (value?.shape.length !== 1 || !isInput || isRead) return false;
    Object.assign(value, { channels, height, width });
    return true;
  }

  /** Adds a step and returns its output. */
  addStep(step: PlanStep): ValueId {
    this.plan.steps.push(step);
    return step.output;
  }

  /**
   * Keeps a tensor under `name`. A layer that is called twice gives the same tensor twice and gets the same name
   * back; other contents under a taken name get a number behind it.
   */
  addTensor(name: string, shape: readonly number[], data: Float32Array): TensorName {
    for (let suffix = 1; ; suffix++) {
      const key = suffix === 1 ? name : `${name}#${suffix}`;
      const held = Object.hasOwn(this.plan.tensors, key) ? this.plan.tensors[key] : undefined;
      if (held && !sameTensor(held, shape, data)) continue;
      if (!held) this.plan.tensors[key] = { shape: [...shape], data };
      return key;
    }
  }

  /** The same for the integers of an array. */
  addIntegers(name: string, shape: readonly number[], data: Int32Array): TensorName {
    this.plan.integers ??= {};
    for (let suffix = 1; ; suffix++) {
      const key = suffix === 1 ? `${name}/integers` : `${name}/integers#${suffix}`;
      const held = Object.hasOwn(this.plan.integers, key) ? this.plan.integers[key] : undefined;
      if (held && !sameTensor(held, shape, data)) continue;
      if (!held) this.plan.integers[key] = { shape: [...shape], data };
      return key;
    }
  }

  finish(): Plan {
    this.plan.outputs.push(...this.counts.splice(0));
    return this.plan;
  }
}

function sameTensor(
  held: PlanTensor | IntegerTensor,
  shape: readonly number[],
  data: Float32Array | Int32Array,
): boolean {
  return (
    held.shape.length === shape.length &&
    held.shape.every((size, axis) => size === shape[axis]) &&
    (held.data as Float32Array).every((value, i) => Object.is(value, data[i]))
  );
}
