import { SparseError } from '../errors.ts';
import type { Compat, Structure } from '../sparse/structure.ts';
import { checkOneOf } from './options.ts';

/** TFMOT's three options for the pattern of a mask. */
export interface StructureOptions {
  /** [inputs, outputs] of a block; default [1, 1]. Weights of rank 2 only. */
  blockSize?: readonly [number, number];
  /** How a block is scored from its magnitudes; default 'AVG'. */
  blockPoolingType?: 'AVG' | 'MAX';
  /** TFMOT's pair: `zeros` of each `of` neighbouring inputs. */
  sparsityMByN?: readonly [zeros: number, of: number];
}

function checkPair(what: string, pair: unknown): readonly [number, number] {
  const ok = Array.isArray(pair) && pair.length === 2 && pair.every((n) => Number.isSafeInteger(n) && n >= 1);
  if (!ok) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `pruneLowMagnitude: ${what}: expected two integers of at least 1, received ${JSON.stringify(pair)}.`,
      { expected: '[integer >= 1, integer >= 1]', received: pair },
    );
  }
  return pair as unknown as readonly [number, number];
}

/** The structure that TFMOT's options ask for. */
export function readStructure(options: StructureOptions): Structure {
  const [inputs, outputs] = checkPair('blockSize', options.blockSize ?? [1, 1]);
  const pooling = checkOneOf(
    'pruneLowMagnitude: blockPoolingType',
    String(options.blockPoolingType ?? 'AVG').toUpperCase(),
    ['AVG', 'MAX'],
  );
  const blocks = inputs !== 1 || outputs !== 1;
  if (options.sparsityMByN === undefined) {
    if (!blocks) return { type: 'unstructured' };
    return { type: 'block', inputs, outputs, pooling: pooling === 'AVG' ? 'avg' : 'max' };
  }
  const [zeros, of] = checkPair('sparsityMByN', options.sparsityMByN);
  if (zeros >= of) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `pruneLowMagnitude: sparsityMByN asks for ${zeros} zeros of ${of}: fewer zeros than ${of} are needed.`,
      { expected: `zeros < ${of}`, received: zeros },
    );
  }
  if (blocks) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      'pruneLowMagnitude: blockSize and sparsityMByN exclude each other. Give one of them.',
      { received: [options.blockSize, options.sparsityMByN] },
    );
  }
  return { type: 'nm', keep: of - zeros, of };
}

/** Refuses, before any training, a weight that the structure cannot prune; rank 1 goes without structure. */
export function checkStructure(
  { structure, compat, layer }: { structure: Structure; compat: Compat; layer: string },
  name: string,
  shape: readonly number[],
): void {
  const refuse = (problem: string, expected: unknown): never => {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `pruning: ${name} of layer "${layer}" has shape [${shape}]; ${problem}. Leave the layer out by a policy` +
        `${compat === 'tfmot' ? " or leave out compat: 'tfmot'" : ''}.`,
      { layer, tensor: name, expected, received: shape },
    );
  };
  if (shape.length === 1) return;
  if (compat === 'tfmot' && structure.type === 'block' && shape.length !== 2) {
    refuse('TFMOT takes a blockSize for weights of rank 2 only', 'rank 2');
  }
  if (compat === 'tfmot' && structure.type === 'nm' && shape.length !== 2 && shape.length !== 4) {
    refuse('TFMOT takes sparsityMByN for weights of rank 2 and 4 only', 'rank 2 or 4');
  }
  if (structure.type !== 'block') return;
  const outputs = shape.at(-1) ?? 1;
  const inputs = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const { inputs: tall, outputs: wide } = structure;
  if (tall > inputs || wide > outputs) {
    refuse(`a block of [${tall}, ${wide}] is larger than its matrix [${inputs}, ${outputs}]`, [tall, wide]);
  }
}
