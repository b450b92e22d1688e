import { SparseError } from '../errors.ts';
import { checkChoice, checkInteger, checkOptions, describeType } from '../native/check.ts';
import type { Structure } from './structure.ts';

const fields: Readonly<Record<Structure['type'], readonly string[]>> = {
  unstructured: ['type'],
  block: ['type', 'inputs', 'outputs', 'pooling'],
  nm: ['type', 'keep', 'of'],
  balanced: ['type', 'group'],
  input: ['type', 'order'],
  output: ['type', 'order'],
};

/**
 * A structure whose fields are known and in range.
 *
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` or `ERR_SPARSE_ARGUMENT` naming the field
 */
export function checkStructure(what: string, structure: unknown): Structure {
  if (typeof structure !== 'object' || structure === null) {
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${what}: structure is ${describeType(structure)}, expected an object such as { type: 'unstructured' }.`,
      { expected: 'object', received: describeType(structure) },
    );
  }
  const types = Object.keys(fields) as Structure['type'][];
  const given = structure as Structure;
  checkChoice(what, 'structure.type', given.type, types);
  checkOptions(`${what}: structure "${given.type}"`, given, fields[given.type]);
  switch (given.type) {
    case 'block':
      checkInteger(what, 'structure.inputs', given.inputs, 1);
      checkInteger(what, 'structure.outputs', given.outputs, 1);
      checkChoice(what, 'structure.pooling', given.pooling ?? 'avg', ['avg', 'max']);
      break;
    case 'nm':
      checkInteger(what, 'structure.of', given.of, 1);
      checkInteger(what, 'structure.keep', given.keep, 0, given.of);
      break;
    case 'balanced':
      checkInteger(what, 'structure.group', given.group ?? 1, 1);
      break;
    case 'input':
    case 'output':
      checkChoice(what, 'structure.order', given.order ?? 2, [1, 2, Number.POSITIVE_INFINITY]);
  }
  return given;
}
