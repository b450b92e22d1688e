import type { Constant } from '../plan/evaluate.ts';
import { type CallArguments, TensorArgument } from './call-arguments.ts';
import { camelCase, type LayerConfig } from './layer-config.ts';
import { constant, type GraphTensor } from './ops/graph-tensor.ts';
import type { OpCall } from './ops/op-call.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/**
 * The call of a function with the arguments that Python saw. An argument is looked for by its names, then by its place,
 * then in the configuration: Keras 3 keeps some of them there.
 */
export class FunctionCall {
  readonly op: OpCall;
  private readonly positional: readonly unknown[];
  private readonly named: ReadonlyMap<string, unknown>;
  private readonly config: LayerConfig;

  constructor(op: OpCall, { positional, named }: CallArguments, config: LayerConfig) {
    this.op = op;
    this.positional = positional;
    this.named = new Map(Object.entries(named).map(([key, value]) => [camelCase(key), value]));
    this.config = config;
  }

  /** The argument as it stands; `undefined` when it is missing or null. @param names - in camelCase */
  value(place: number, ...names: string[]): unknown {
    const given = names.map((name) => this.named.get(name) ?? undefined).find((value) => value !== undefined);
    const kept = () => names.map((name) => this.config.get(name)).find((value) => value !== undefined);
    return given ?? this.positional[place] ?? kept();
  }

  /** A tensor, or numbers as a constant. */
  tensor(place: number, ...names: string[]): GraphTensor {
    return this.tensorOf(this.value(place, ...names), names[0] ?? `argument ${place}`);
  }

  /** A list of tensors. */
  tensors(place: number, ...names: string[]): GraphTensor[] {
    const value = this.value(place, ...names);
    const list = Array.isArray(value) ? value : [value];
    return list.map((item) => this.tensorOf(item, names[0] ?? `argument ${place}`));
  }

  number(missing: number, place: number, ...names: string[]): number {
    const value = this.value(place, ...names) ?? missing;
    if (typeof value !== 'number') throw this.unknown(names, value);
    return value;
  }

  flag(missing: boolean, place: number, ...names: string[]): boolean {
    const value = this.value(place, ...names) ?? missing;
    if (typeof value !== 'boolean') throw this.unknown(names, value);
    return value;
  }

  /** Integers; a single one is a list of one. `undefined` when the argument is missing. */
  integers(place: number, ...names: string[]): number[] | undefined {
    const value = this.value(place, ...names);
    if (value === undefined) return undefined;
    const list: unknown[] = Array.isArray(value) ? value : [value];
    if (!list.every((item): item is number => Number.isInteger(item))) throw this.unknown(names, value);
    return list;
  }

  /** Axes of a tensor, counted from 0 and rising; all of them when the argument is missing. */
  axes(tensor: GraphTensor, place: number, ...names: string[]): number[] {
    const rank = tensor.shape.length;
    const listed = this.integers(place, ...names) ?? tensor.shape.map((_, axis) => axis);
    return [...new Set(listed.map((axis) => this.op.axisOf(axis, rank)))].sort((a, b) => a - b);
  }

  /** Refuses an argument that is not what it would be by default. */
  require(isUsual: boolean, name: string): void {
    if (!isUsual) throw this.unknown([name], this.value(Number.NaN, name));
  }

  private tensorOf(value: unknown, name: string): GraphTensor {
    if (value instanceof TensorArgument) return this.op.input(value.index);
    return numbers(value) ?? raise(this.unknown([name], value));
  }

  private unknown(names: readonly string[], value: unknown): UnsupportedFeature {
    const text = value instanceof TensorArgument ? 'a tensor' : JSON.stringify(value);
    return new UnsupportedFeature(`its argument ${names[0]} = ${text} is not compiled; ${keepInTensorFlow}`);
  }
}

function raise(error: Error): never {
  throw error;
}

/** A number, or numbers in lists of equal length; anything else gives `undefined`. */
function numbers(value: unknown): Constant | undefined {
  const shape: number[] = [];
  for (let level = value; Array.isArray(level); level = level[0]) shape.push(level.length);
  const flat = (Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value]) as unknown[];
  const isWhole = flat.length > 0 && flat.length === shape.reduce((a, b) => a * b, 1);
  if (!isWhole || !flat.every((item): item is number => typeof item === 'number')) return undefined;
  return constant('float32', shape, Float32Array.from(flat));
}
