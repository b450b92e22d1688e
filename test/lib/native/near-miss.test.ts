import { describe, expect, it } from 'vitest';
import { didYouMean } from '../../../lib/native/near-miss.ts';

const words = ['sparse', 'threads', 'batch', 'tune'];

describe('didYouMean', () => {
  it.each([
    ['thread', 'threads'],
    ['treads', 'threads'],
    ['Threads', 'threads'],
    ['thraeds', 'threads'],
    ['bacth', 'batch'],
    ['sprase', 'sparse'],
    ['tun', 'tune'],
  ])('takes %s for %s', (name, meant) => {
    expect(didYouMean(name, words)).toBe(` Did you mean "${meant}"?`);
  });

  it.each(['', 'x', 'epochs', 'batchSizes', 't'.repeat(1_000_000)])('guesses nothing for %.20s', (name) => {
    expect(didYouMean(name, words)).toBe('');
  });

  it('has nothing to say where there are no words', () => {
    expect(didYouMean('threads', [])).toBe('');
  });
});
