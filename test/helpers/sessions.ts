import { createHash } from 'node:crypto';
import type { Plan } from '../../lib/plan/plan.ts';
import { validatePlan } from '../../lib/plan/validate.ts';
import { readSessionOptions, type SessionOptions } from '../../lib/session/options.ts';
import { SparseSession } from '../../lib/session/session.ts';

/** A session of a plan, without a model or a file. */
export function sessionOf(plan: Plan, options?: SessionOptions): SparseSession {
  validatePlan(plan);
  return new SparseSession(plan, readSessionOptions('test', options));
}

/** Largest difference over the largest expected magnitude; infinite where a value is not finite or the lengths differ. */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    if (!Number.isFinite(actual[i]!)) return Number.POSITIVE_INFINITY;
    largest = Math.max(largest, Math.abs(expected[i]!));
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
  }
  return largest === 0 ? difference : difference / largest;
}

/** A digest of the bits of 32-bit values: NaN and -0 compare, and a million values do so quickly. */
export function bits(values: Float32Array | Int32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return `${values.length} values, ${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The error that a promise is rejected with; anything but a rejection is a failure of the test. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection, but the promise was fulfilled');
}
