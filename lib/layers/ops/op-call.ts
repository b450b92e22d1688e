import { SparseError } from '../../errors.ts';
import type { PlanBuilder } from '../../plan/builder.ts';
import { type ArrayOperation, type Constant, evaluate } from '../../plan/evaluate.ts';
import type { BinaryFunction } from '../../plan/functions.ts';
import { sizeOf } from '../../plan/geometry.ts';
import type { PlanStep, PlanValue, ValueDtype, ValueId } from '../../plan/plan.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';
import {
  BatchIsMixed,
  batchDim,
  type Computed,
  type Dim,
  type GraphTensor,
  isBatch,
  type MapTensor,
  numbersOf,
  reshaped,
} from './graph-tensor.ts';
import { checkElements } from './limits.ts';
import { NodeAttributes } from './node-attributes.ts';

/** What all calls of one model share. */
export interface GraphContext {
  readonly plan: PlanBuilder;
  /** The batch that the plan is for; 'any': it stays open. */
  readonly batch: number | 'any';
  /** Values that were converted to the other layout, by id. */
  readonly converted: Map<ValueId, ValueId>;
  /** What a call is one of, for messages. */
  readonly of: 'node' | 'layer';
  /** The least and the most that the elements of an integer array can be, where that is known. */
  readonly ranges: Map<ValueId, readonly [number, number]>;
  /** Scalars that compare two sizes. */
  readonly comparisons: Map<ValueId, Comparison>;
}

/** What the calls of one model share before the first of them. */
export function newContext(
  plan: PlanBuilder,
  of: GraphContext['of'],
  batch: GraphContext['batch'] = 'any',
): GraphContext {
  return { plan, of, batch, converted: new Map(), ranges: new Map(), comparisons: new Map() };
}

/** fn(a, b) of sizes that are known only after the run. */
export interface Comparison {
  fn: BinaryFunction;
  a: Dim;
  b: Dim;
}

/** One node of a GraphModel, or one call of a layer, while it is lowered. */
export class OpCall {
  readonly name: string;
  readonly op: string;
  readonly attributes: NodeAttributes;
  readonly inputs: readonly GraphTensor[];
  readonly plan: PlanBuilder;
  private readonly context: GraphContext;

  constructor(
    name: string,
    op: string,
    attributes: NodeAttributes,
    inputs: readonly GraphTensor[],
    context: GraphContext,
  ) {
    this.name = name;
    this.op = op;
    this.attributes = attributes;
    this.inputs = inputs;
    this.plan = context.plan;
    this.context = context;
  }

  /** The same call on other inputs: one of its parts. */
  on(inputs: readonly GraphTensor[]): OpCall {
    return new OpCall(this.name, this.op, this.attributes, inputs, this.context);
  }

  private get title(): string {
    return `${this.context.of} "${this.name}" (${this.op})`;
  }

  /** The same node on other inputs; as another operation without attributes, where one is named. */
  with(inputs: readonly GraphTensor[], op?: string): OpCall {
    const attributes = op === undefined ? this.attributes : new NodeAttributes(this.name, {});
    return new OpCall(this.name, op ?? this.op, attributes, inputs, this.context);
  }

  /** Notes between which numbers the elements of an array lie. */
  note(tensor: GraphTensor, range: readonly [number, number]): void {
    if (tensor.kind === 'value') this.context.ranges.set(tensor.id, range);
  }

  /** What was noted of an array. */
  noted(tensor: GraphTensor): readonly [number, number] | undefined {
    return tensor.kind === 'value' ? this.context.ranges.get(tensor.id) : undefined;
  }

  noteComparison(tensor: GraphTensor, fn: BinaryFunction, a: Dim, b: Dim): void {
    if (tensor.kind === 'value') this.context.comparisons.set(tensor.id, { fn, a, b });
  }

  notedComparison(tensor: GraphTensor): Comparison | undefined {
    return tensor.kind === 'value' ? this.context.comparisons.get(tensor.id) : undefined;
  }

  input(index: number): GraphTensor {
    const tensor = this.inputs[index];
    if (tensor) return tensor;
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `compile: ${this.title} has ${this.inputs.length} inputs, expected at least ${index + 1}. Was the model edited by hand?`,
      { layer: this.name, expected: index + 1, received: this.inputs.length },
    );
  }

  /** An input that must be known when the model is compiled. */
  constant(index: number): Constant {
    const tensor = this.input(index);
    if (tensor.kind === 'constant') return tensor;
    if (tensor.kind === 'sizes') throw new BatchIsMixed();
    throw new UnsupportedFeature(
      `input ${index} is computed, and compiled only where it is a constant; ${keepInTensorFlow}`,
    );
  }

  /** A constant of floats, such as a weight. */
  weight(index: number): { shape: readonly number[]; data: Float32Array } {
    const { shape, data, dtype } = this.constant(index);
    if (data instanceof Float32Array) return { shape, data };
    throw new SparseError(
      'ERR_SPARSE_DTYPE',
      `compile: input ${index} of ${this.title} has dtype ${dtype}, expected float32. Was another model's weight file put here?`,
      { layer: this.name, expected: 'float32', received: dtype },
    );
  }

  /** Integers that are known, the batch possibly among them. */
  dims(index: number): readonly Dim[] {
    const tensor = this.input(index);
    return tensor.kind === 'sizes' ? tensor.dims : [...this.constant(index).data];
  }

  /** Integers that are known. */
  integers(index: number): number[] {
    return numbersOf(this.dims(index));
  }

  integer(index: number): number {
    const [value, ...others] = this.integers(index);
    if (value === undefined || others.length > 0) throw this.unfit('one number', this.integers(index));
    return value;
  }

  /** An axis, counted from 0. */
  axisOf(axis: number, rank: number): number {
    const counted = axis < 0 ? axis + rank : axis;
    if (counted < 0 || counted >= rank) throw this.unfit(`an axis of ${rank}`, axis);
    return counted;
  }

  /** Whether a tensor lies in the plan as a feature-major map. */
  isMap(tensor: GraphTensor): tensor is MapTensor {
    return tensor.kind === 'value' && this.plan.value(tensor.id).layout !== 'array';
  }

  /** A computed tensor as a map, whatever it was. Its shape there has no batch. */
  map(tensor: GraphTensor): { id: ValueId; x: Readonly<PlanValue> } {
    const id = this.mapId(tensor);
    return { id, x: this.plan.value(id) };
  }

  /** The first input as a map of [height, width, channels]. */
  picture(index = 0): { id: ValueId; x: Readonly<PlanValue> } {
    const tensor = this.input(index);
    if (tensor.shape.length !== 4) throw this.unfit('[batch, height, width, channels]', tensor.shape);
    return this.map(tensor);
  }

  private mapId(tensor: GraphTensor): ValueId {
    if (tensor.kind === 'sizes') throw new BatchIsMixed();
    if (tensor.kind === 'constant') {
      throw new UnsupportedFeature(`its input is a constant; ${keepInTensorFlow}`);
    }
    if (this.isMap(tensor)) return tensor.id;
    const { converted, batch, plan } = this.context;
    const held = converted.get(tensor.id);
    if (held !== undefined) return held;
    if (tensor.dtype !== 'float32')
      throw new UnsupportedFeature(`its input is ${tensor.dtype}; ${keepInTensorFlow}`);
    const [first, ...rest] = tensor.shape;
    if (batch !== 'any' && first !== batch) {
      throw new UnsupportedFeature(
        `its input of shape [${tensor.shape}] does not begin with the batch of ${batch}; ${keepInTensorFlow}`,
      );
    }
    const id = plan.addStep({
      op: 'toMap',
      layer: this.name,
      inputs: [tensor.id],
      output: plan.addValue(this.name, numbersOf(rest)),
    });
    converted.set(tensor.id, id);
    return id;
  }

  /** A tensor as a row-major array; a constant becomes a value too. */
  arrayId(tensor: GraphTensor): ValueId {
    if (tensor.kind === 'sizes') throw new BatchIsMixed();
    const { converted, plan } = this.context;
    if (tensor.kind === 'constant') {
      const { data, shape, dtype } = tensor;
      if (data.length === 0) throw new UnsupportedFeature(`its result is empty; ${keepInTensorFlow}`);
      const name =
        data instanceof Float32Array
          ? plan.addTensor(`${this.name}/constant`, shape, data)
          : plan.addIntegers(`${this.name}/constant`, shape, data);
      return plan.addStep({
        op: 'constant',
        layer: this.name,
        inputs: [],
        output: plan.addArray(this.name, shape, dtype, true),
        tensor: name,
      });
    }
    if (!this.isMap(tensor)) return tensor.id;
    const held = converted.get(tensor.id);
    if (held !== undefined) return held;
    const id = plan.addStep({
      op: 'toArray',
      layer: this.name,
      inputs: [tensor.id],
      output: this.addArray(numbersOf(this.inPlan(tensor.shape)), 'float32'),
    });
    converted.set(tensor.id, id);
    return id;
  }

  /** What an output of the model is read from. */
  portId(tensor: GraphTensor): ValueId {
    return this.isMap(tensor) ? tensor.id : this.arrayId(tensor);
  }

  private addArray(shape: readonly number[], dtype: ValueDtype): ValueId {
    return this.plan.addArray(this.name, shape, dtype, this.context.batch !== 'any');
  }

  /** A shape as the plan's arrays have it: without a batch that is open. */
  private inPlan(shape: readonly Dim[]): readonly Dim[] {
    if (this.context.batch !== 'any') return shape;
    if (!isBatch(shape[0])) throw new BatchIsMixed();
    return shape.slice(1);
  }

  /** The shape of a tensor as the plan's arrays have it; all of a constant's. */
  shapeIn(tensor: GraphTensor): number[] {
    if (tensor.kind === 'sizes') throw new BatchIsMixed();
    return numbersOf(tensor.kind === 'value' ? this.inPlan(tensor.shape) : tensor.shape);
  }

  /**
   * How many axes in front of a computed result the plan does not have: 1 where the batch is open, else 0. Results of
   * constants have all of theirs.
   */
  hidden(tensors: readonly GraphTensor[]): 0 | 1 {
    return this.context.batch === 'any' && tensors.some((tensor) => tensor.kind === 'value') ? 1 : 0;
  }

  /** A constant beside computed tensors of `rank`: the axis that stands for an open batch is taken off. */
  beside(tensor: GraphTensor, rank: number, hidden: 0 | 1): GraphTensor {
    if (hidden === 0 || tensor.kind !== 'constant' || tensor.shape.length < rank) return tensor;
    if (tensor.shape[0] !== 1) throw new BatchIsMixed();
    return reshaped(tensor, tensor.shape.slice(1));
  }

  /**
   * Adds an array step, or computes it now when all inputs are constants.
   *
   * @param shape - of the result as the plan has it: without an open batch
   */
  array(
    operation: ArrayOperation,
    inputs: readonly GraphTensor[],
    shape: readonly number[],
    dtype: ValueDtype,
  ): GraphTensor {
    const size = sizeOf(shape);
    if (size === 0) throw new UnsupportedFeature(`its result is empty; ${keepInTensorFlow}`);
    checkElements(size);
    if (inputs.every((input): input is Constant => input.kind === 'constant'))
      return evaluate(operation, inputs, shape, dtype);
    const ids = inputs.map((input) => this.arrayId(input));
    const output = this.addArray(shape, dtype);
    this.plan.addStep({ ...operation, layer: this.name, inputs: ids, output } as PlanStep);
    return this.computed(output);
  }

  /** An array (or constant) under another shape of the same size; nothing moves. */
  rename(tensor: GraphTensor, shape: readonly number[]): GraphTensor {
    if (tensor.kind === 'constant') return reshaped(tensor, shape);
    return this.array({ op: 'alias' }, [tensor], shape, tensor.dtype);
  }

  /** A value of the plan as a tensor. */
  computed(id: ValueId): Computed {
    const { shape, dtype, layout, fixed } = this.plan.value(id);
    const { batch } = this.context;
    const front: Dim[] = fixed ? [] : [batch === 'any' ? batchDim : batch];
    if (layout === 'array' && batch !== 'any') front.length = 0;
    return { kind: 'value', id, dtype, shape: [...front, ...shape] };
  }

  /** An error for inputs that do not belong together. */
  unfit(expected: string, received: unknown): SparseError {
    const text = Array.isArray(received)
      ? `[${received.map((dim) => (isBatch(dim as Dim) ? 'batch' : dim)).join(', ')}]`
      : String(received);
    return new SparseError(
      'ERR_SPARSE_SHAPE',
      `compile: ${this.title}: expected ${expected}, received ${text}. Was the model edited by hand?`,
      { layer: this.name, expected, received },
    );
  }
}
