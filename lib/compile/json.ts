import { SparseError, shown } from '../errors.ts';
import { camelCase } from '../layers/layer-config.ts';

export type Json = Readonly<Record<string, unknown>>;

/** A field written in snake_case (files) or camelCase (TF.js in memory). */
export function field(record: Json, name: string): unknown {
  return record[name] ?? record[camelCase(name)];
}

/** An error for a topology that does not say what it must. */
export function malformed(where: string, expected: string, received: unknown): SparseError {
  return new SparseError(
    'ERR_SPARSE_MODEL',
    `compile: ${where}: expected ${expected}, received ${shown(received)}. Is this the topology of a Sequential or functional model?`,
    { layer: where, expected, received },
  );
}
