import type { CompileOptions } from '../../../../../lib/session/compile.ts';
import { attr, type TestGraph } from '../../../../helpers/graph-model.ts';

/** What a case compares. */
export interface OpCase {
  outputs: readonly string[];
  options?: CompileOptions;
}

/** Builds a random graph around one operation, with the numbers of `graph.random`. */
export type MakeCase = (graph: TestGraph, op: string) => OpCase | readonly string[];

/** Makers by operation. */
export type OpCases = Readonly<Record<string, MakeCase>>;

/** The same maker for several operations. */
export const forEach = (ops: readonly string[], make: MakeCase): OpCases =>
  Object.fromEntries(ops.map((op) => [op, make]));

/** How the tensors of a case come: rows of an open batch as a map or as an array, or all sizes fixed. */
export type Mode = 'map' | 'array' | 'fixed';

/** Rows of an open batch in cases, as many as a run of the test has. */
const openRows = 3;

export const int = { T: attr.type('int32') };
export const bool = { T: attr.type('bool') };

/** Sizes from 1 to `most`; the first is the batch. */
export function anyShape(graph: TestGraph, least: number, most: number, largest = 4): number[] {
  const rank = graph.random.integer(least, most);
  return Array.from({ length: rank }, (_, axis) =>
    axis === 0 ? openRows : graph.random.integer(1, largest),
  );
}

/** A mode that `shape` allows: an open batch needs an axis, an array of one two more. */
export function anyMode(graph: TestGraph, shape: readonly number[]): Mode {
  const modes: Mode[] = ['fixed'];
  if (shape.length > 0) modes.push('map');
  if (shape.length > 2) modes.push('array');
  return graph.random.pick(modes);
}

/** A float input. */
export function floats(graph: TestGraph, name: string, shape: readonly number[], mode: Mode): string {
  if (mode === 'fixed') return graph.input(name, shape);
  const open = shape.with(0, -1);
  if (mode === 'map' || shape.length < 3) return graph.input(name, open);
  const last = shape.length - 1;
  const swapped = open.with(last, shape[last - 1]!).with(last - 1, shape[last]!);
  const order = shape.map((_, axis) => (axis < last - 1 ? axis : 2 * last - 1 - axis));
  return graph.node(`${name}/turned`, 'Transpose', [
    graph.input(name, swapped),
    graph.ints(`${name}/order`, order),
  ]);
}

/** An int32 input of numbers from -4 to 5. */
export function integers(graph: TestGraph, name: string, shape: readonly number[], mode: Mode): string {
  const own = graph.input(name, mode === 'fixed' ? shape : shape.with(0, -1), 'int32');
  return graph.node(`${name}/around0`, 'Sub', [own, graph.ints(`${name}/4`, [4], [])], int);
}

/** A bool that is computed. */
export function bools(graph: TestGraph, name: string, shape: readonly number[], mode: Mode): string {
  const own = floats(graph, name, shape, mode);
  return graph.node(`${name}/positive`, 'Greater', [own, number(graph, `${name}/0`, 0)]);
}

/** Floats of at least 0.5. */
export function positives(graph: TestGraph, name: string, shape: readonly number[], mode: Mode): string {
  const size = graph.node(`${name}/size`, 'Abs', [floats(graph, name, shape, mode)]);
  return graph.node(`${name}/more`, 'AddV2', [size, number(graph, `${name}/half`, 0.5)]);
}

/** A constant float scalar. */
export function number(graph: TestGraph, name: string, value: number): string {
  return graph.floats(name, [], Float32Array.of(value));
}

/** A constant int32 scalar. */
export function integer(graph: TestGraph, name: string, value: number): string {
  return graph.ints(name, [value], []);
}

/** An axis of `rank` other than those before `first`, counted from either end. */
export function anyAxis(graph: TestGraph, rank: number, first = 0): number {
  const axis = graph.random.integer(first, rank - 1);
  return graph.random.next() < 0.5 ? axis : axis - rank;
}

/** First axis that may be touched: an open batch may not. */
export const firstAxis = (mode: Mode) => (mode === 'fixed' ? 0 : 1);

/** Whether a coin shows heads. */
export const coin = (graph: TestGraph) => graph.random.next() < 0.5;
