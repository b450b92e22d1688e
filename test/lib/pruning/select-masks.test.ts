import { describe, expect, it } from 'vitest';
import { type ScoredWeight, type SelectionRule, selectMasks } from '../../../lib/pruning/select-masks.ts';
import { failure } from '../sparse/failure.ts';

const f32 = (...values: number[]) => Float32Array.from(values);
const bits = (text: string) => Uint8Array.from(text, Number);

const a: ScoredWeight = { key: 'a/kernel', shape: [2, 2], scores: f32(5, 6, 7, 8) };
const b: ScoredWeight = { key: 'b/kernel', shape: [3, 2], scores: f32(1, 2, 3, 4, 1, 1) };

/** The masks as words of bits. */
function words(weights: readonly ScoredWeight[], rule: SelectionRule): string {
  return [...selectMasks(weights, rule).values()].map((mask) => mask.join('')).join(' ');
}

describe('scope layer', () => {
  it('ranks each weight on its own; the lower index is kept on a tie', () => {
    expect(words([a, b], { sparsity: 0.5 })).toBe('0011 011100');
    expect(words([b], { sparsity: 1 / 6 })).toBe('111110');
  });

  it('gives masks by key, in the order of the weights', () => {
    expect([...selectMasks([b, a], { sparsity: 0.5 }).keys()]).toEqual(['b/kernel', 'a/kernel']);
  });

  it('shares the sparsity by a distribution', () => {
    expect(words([a, b], { sparsity: 0.5, distribution: { a: 0.25 } })).toBe('0111 011100');
    expect(words([a, b], { sparsity: 0.5, distribution: ({ key }) => (key === 'b/kernel' ? 0 : 1) })).toBe(
      '0000 111111',
    );
  });

  it('keeps one of each weight unless sparsity is 1, none when the floor is 0', () => {
    expect(words([a, b], { sparsity: 0.99 })).toBe('0001 000100');
    expect(words([a, b], { sparsity: 0.99, minKept: 0 })).toBe('0000 000000');
    expect(words([a, b], { sparsity: 0.99, minKept: 3 })).toBe('0111 011100');
    expect(words([a, b], { sparsity: 1, minKept: 3 })).toBe('0000 000000');
  });

  it('knows every structure', () => {
    expect(words([a, b], { sparsity: 0.5, structure: { type: 'output' } })).toBe('0101 010101');
    expect(words([a, b], { sparsity: 0.5, structure: { type: 'input', order: 1 } })).toBe('0011 111100');
    expect(words([b], { sparsity: 0.5, structure: { type: 'block', inputs: 2, outputs: 1 } })).toBe('111100');
    expect(words([b], { sparsity: 0.5, structure: { type: 'nm', keep: 1, of: 2 } })).toBe('001111');
    expect(words([b], { sparsity: 0.5, structure: { type: 'balanced', group: 2 } })).toBe('001100');
  });
});

it('scores a block that is cut off by its own entries; TFMOT by its neighbours’', () => {
  // Five rows of two, blocks of four rows: the last row is a block by itself. TFMOT takes rows 3 and 4 for it.
  const weight = { key: 'w/kernel', shape: [5, 2], scores: f32(1, 1, 1, 1, 1, 1, 9, 9, 2, 2) };
  const structure = { type: 'block', inputs: 4, outputs: 1 } as const;
  expect(words([weight], { sparsity: 0.5, structure })).toBe('1111111100');
  expect(words([weight], { sparsity: 0.5, structure, compat: 'tfmot' })).toBe('0000000011');
});

describe('scope global', () => {
  it('ranks all weights at once', () => {
    expect(words([a, b], { sparsity: 0.5, scope: 'global' })).toBe('1111 000100');
  });

  it('lets no weight be emptied unless asked; the others make room', () => {
    expect(words([a, b], { sparsity: 0.6, scope: 'global' })).toBe('0111 000100');
    expect(words([a, b], { sparsity: 0.6, scope: 'global', minKept: 0 })).toBe('1111 000000');
    expect(words([a, b], { sparsity: 0.6, scope: 'global', minKept: 2 })).toBe('0011 001100');
    // Two floors of one are more than the count of roundHalfEven(0.5) = 0.
    expect(words([a, b], { sparsity: 0.95, scope: 'global' })).toBe('0001 000100');
    expect(words([a, b], { sparsity: 1, scope: 'global' })).toBe('0000 000000');
  });

  it('gives a tie to the weight that stands earlier', () => {
    const same = (key: string): ScoredWeight => ({ key, shape: [2], scores: f32(1, 1) });
    expect(words([same('x'), same('y')], { sparsity: 0.25, scope: 'global' })).toBe('11 10');
  });

  it('ranks inputs, outputs and blocks of all weights by their own scores', () => {
    expect(words([a, b], { sparsity: 0.4, scope: 'global', structure: { type: 'input' } })).toBe(
      '1111 001100',
    );
    expect(words([a, b], { sparsity: 0.5, scope: 'global', structure: { type: 'output' }, minKept: 0 })).toBe(
      '1111 000000',
    );
    const block = { type: 'block', inputs: 1, outputs: 2 } as const;
    expect(words([a, b], { sparsity: 0.6, scope: 'global', structure: block })).toBe('0011 001100');
  });

  it("keeps the other tools' counts", () => {
    const rule = { sparsity: 0.6, scope: 'global' } as const;
    expect(words([a, b], { ...rule, compat: 'torch' })).toBe('1111 000000');
    // One more than asked for.
    expect(words([a, b], { ...rule, compat: 'openlth' })).toBe('0111 000000');
    // Ties go with the threshold.
    expect(words([a, b], { sparsity: 0.1, scope: 'global', compat: 'synflow' })).toBe('1111 011100');
    expect(words([a, b], { sparsity: 0.05, scope: 'global', compat: 'synflow' })).toBe('1111 111111');
  });

  it('refuses what has no global ranking', () => {
    const refused = (rule: Partial<SelectionRule>) =>
      failure(() => selectMasks([a, b], { sparsity: 0.5, scope: 'global', ...rule }));
    for (const structure of [{ type: 'nm', keep: 1, of: 2 }, { type: 'balanced' }] as const) {
      const error = refused({ structure });
      expect(error.code).toBe('ERR_SPARSE_OPTION');
      expect(error.message).toContain(structure.type);
    }
    expect(refused({ compat: 'tfmot' }).message).toContain('tfmot');
    expect(refused({ compat: 'torch', structure: { type: 'output' } }).message).toContain('torch');
    expect(refused({ distribution: 'erk' }).message).toContain('distribution');
  });
});

describe('a previous mask', () => {
  const pruned = { ...b, previous: bits('101010') };

  it('is never undone: what it prunes is not ranked', () => {
    expect(words([pruned], { sparsity: 0.5 })).toBe('101010');
    expect(words([pruned], { sparsity: 0.8 })).toBe('001000');
    // The earlier mask has pruned more than now asked: nothing comes back.
    expect(words([pruned], { sparsity: 0.1 })).toBe('101010');
    expect(words([pruned], { sparsity: 0.5, scope: 'global' })).toBe('101010');
  });

  it('counts the sparsity of what is left for torch and OpenLTH, of all weights for the others', () => {
    expect(words([pruned], { sparsity: 1 / 3, compat: 'torch' })).toBe('101000');
    expect(words([pruned], { sparsity: 1 / 3, compat: 'openlth' })).toBe('001000');
    expect(words([pruned], { sparsity: 0.5, compat: 'tfmot' })).toBe('101010');
    expect(words([pruned], { sparsity: 0.7, compat: 'synflow' })).toBe('001000');
  });

  it('takes away whole parts of a structure', () => {
    const dead = { ...b, previous: bits('110011') };
    expect(words([dead], { sparsity: 0.5, structure: { type: 'input' } })).toBe('110011');
    expect(words([dead], { sparsity: 0.7, structure: { type: 'input' } })).toBe('110000');
    expect(words([dead], { sparsity: 0.5, structure: { type: 'input' }, compat: 'torch' })).toBe('110000');
    const partly = { ...b, previous: bits('011111') };
    expect(words([partly], { sparsity: 0, structure: { type: 'block', inputs: 2, outputs: 2 } })).toBe(
      '011111',
    );
    expect(words([partly], { sparsity: 0.5, structure: { type: 'nm', keep: 1, of: 2 } })).toBe('001111');
    const column = { ...b, previous: bits('010101') };
    expect(words([column], { sparsity: 0.5, structure: { type: 'nm', keep: 1, of: 3 } })).toBe('000100');
  });
});

describe('bad input', () => {
  const nan = { ...b, scores: f32(1, 2, Number.NaN, 4, 5, 6) };

  it('is refused with the name of the weight', () => {
    for (const scope of ['layer', 'global'] as const) {
      const error = failure(() => selectMasks([a, nan], { sparsity: 0.5, scope }));
      expect(error).toMatchObject({ code: 'ERR_SPARSE_NAN', tensor: 'b/kernel', received: 2 });
    }
    const short = failure(() => selectMasks([{ ...a, shape: [3, 2] }], { sparsity: 0.5 }));
    expect(short).toMatchObject({ code: 'ERR_SPARSE_SHAPE', tensor: 'a/kernel' });
    const mask = failure(() => selectMasks([{ ...a, previous: bits('11') }], { sparsity: 0.5 }));
    expect(mask).toMatchObject({ code: 'ERR_SPARSE_SHAPE', tensor: 'mask of a/kernel' });
    const doubles = failure(() =>
      selectMasks([{ ...a, scores: new Float64Array(4) as never }], { sparsity: 0.5 }),
    );
    expect(doubles.code).toBe('ERR_SPARSE_DTYPE');
  });

  it('a block larger than its matrix names both', () => {
    const structure = { type: 'block', inputs: 4, outputs: 1 } as const;
    const error = failure(() => selectMasks([b], { sparsity: 0.5, structure }));
    expect(error).toMatchObject({ code: 'ERR_SPARSE_SHAPE', tensor: 'b/kernel', received: [4, 1] });
  });

  it('a vector has no inputs and outputs', () => {
    const vector = { key: 'a/bias', shape: [4], scores: a.scores };
    for (const type of ['input', 'output', 'balanced'] as const) {
      expect(failure(() => selectMasks([vector], { sparsity: 0.5, structure: { type } })).code).toBe(
        'ERR_SPARSE_SHAPE',
      );
    }
    expect(words([vector], { sparsity: 0.5 })).toBe('0011');
  });

  it('two weights of one name are told apart before anything is lost', () => {
    const error = failure(() => selectMasks([a, { ...b, key: a.key }], { sparsity: 0.5 }));
    expect(error).toMatchObject({ code: 'ERR_SPARSE_MODEL', tensor: 'a/kernel' });
  });

  it('an option out of range is named', () => {
    const refused = (rule: object) => failure(() => selectMasks([a], { sparsity: 0.5, ...rule })).message;
    expect(refused({ sparsity: 1.2 })).toContain('sparsity');
    expect(refused({ sparsity: Number.NaN })).toContain('sparsity');
    expect(refused({ scope: 'all' })).toContain('scope');
    expect(refused({ compat: 'keras' })).toContain('compat');
    expect(refused({ minKept: -1 })).toContain('minKept');
    expect(refused({ structure: { type: 'nm', keep: 3, of: 2 } })).toContain('structure.keep');
  });

  it('a rule that its tool does not know says so', () => {
    const rule = { sparsity: 0.5, structure: { type: 'output' }, compat: 'openlth' } as const;
    expect(failure(() => selectMasks([a], rule)).code).toBe('ERR_SPARSE_OPTION');
  });

  it('nothing to rank is no error', () => {
    expect(selectMasks([], { sparsity: 0.5, scope: 'global' }).size).toBe(0);
    const empty = { key: 'e/kernel', shape: [0, 3], scores: f32() };
    for (const scope of ['layer', 'global'] as const) {
      expect(words([empty, a], { sparsity: 0.5, scope })).toBe(' 0011');
    }
    for (const type of ['input', 'output'] as const) {
      expect(words([empty, a], { sparsity: 0.5, structure: { type } })).toMatch(/^ /);
    }
  });
});
