import { expect } from 'vitest';
import type { SparseError } from '../../../lib/errors.ts';
import { PlanBuilder } from '../../../lib/plan/builder.ts';
import { emitDense } from '../../../lib/plan/emit/dense.ts';
import type { SparseSession } from '../../../lib/session/session.ts';
import { Random } from '../../helpers/random.ts';
import { sessionOf } from '../../helpers/sessions.ts';

export type Facts = Partial<SparseError>;

const random = new Random();

/** x [3] -> y [2] */
export function one(): SparseSession {
  const plan = new PlanBuilder();
  plan.output('y', emitDense(plan, 'dense', plan.input('x', [3]), { kernel: random.floats(6), outputs: 2 }));
  return sessionOf(plan.finish());
}

/** a [3], b [2, 4] -> y [2], z [2, 5] */
export function two(): SparseSession {
  const plan = new PlanBuilder();
  const [a, b] = [plan.input('a', [3]), plan.input('b', [2, 4])];
  plan.output('y', emitDense(plan, 'first', a, { kernel: random.floats(6), outputs: 2 }));
  plan.output('z', emitDense(plan, 'second', b, { kernel: random.floats(20), outputs: 5 }));
  return sessionOf(plan.finish());
}

export function detached(): Float32Array {
  const array = new Float32Array(3);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}
export const shared = () => new Float32Array(new SharedArrayBuffer(12));
export const resizable = () =>
  new Float32Array(
    new (ArrayBuffer as never as new (n: number, o: object) => ArrayBuffer)(12, { maxByteLength: 24 }),
  );

/** A message says what was called, what was expected and what to make of it, in full sentences. */
export function expectReadable(error: SparseError, what: string): void {
  expect(error.message).toMatch(new RegExp(`^${what.replaceAll('.', '\\.')}: .+\\.( .+[.?])?$`, 's'));
  expect(error.message).not.toMatch(/\[object|undefined is not|NaN values/);
  expect(error.message.length).toBeLessThan(300);
}
