import { describe, expect, it } from 'vitest';
import { type LotteryTicketRecord, lotteryTicket, type TicketResult } from '../../../../lib/pruning.ts';
import { recordsOf, tinyModel, tinyStudy } from './problem.ts';

const results = (records: LotteryTicketRecord[]) =>
  records.filter((record): record is TicketResult => record.type === 'result');

const ones = (mask: Uint8Array) => mask.reduce((sum, bit) => sum + bit, 0);

describe('lotteryTicket', () => {
  it('prunes the same fraction of what is left in each round, down to the target', async () => {
    const found = results(
      await recordsOf(lotteryTicket({ ...tinyStudy(), sparsity: 0.875, rounds: 3, controls: [] })),
    );
    expect(found.map(({ branch, level }) => `${branch} ${level}`)).toEqual([
      'dense 0',
      'ticket 1',
      'ticket 2',
      'ticket 3',
    ]);
    // 64 and 48 weights; half, a quarter, an eighth of them.
    expect(found.map(({ weights }) => weights['hidden/kernel']!.zeros)).toEqual([0, 32, 48, 56]);
    expect(found.map(({ weights }) => weights['output/kernel']!.zeros)).toEqual([0, 24, 36, 42]);
    expect(found.at(-1)!.sparsity).toBe(0.875);
    for (let level = 2; level <= 3; level++) {
      for (const [key, mask] of found[level]!.masks) {
        expect(mask.every((bit, i) => bit <= found[level - 1]!.masks.get(key)![i]!)).toBe(true);
      }
    }
  });

  it('keeps the greatest trained magnitudes, starts from the initial values and keeps zeros zero', async () => {
    const model = tinyModel();
    const [kernel] = model.getLayer('hidden').getWeights();
    const initial = kernel!.dataSync().slice();
    const [dense, ticket] = results(
      await recordsOf(lotteryTicket({ ...tinyStudy(model), sparsity: 0.5, controls: [] })),
    );
    const trained = dense!.trained.get('hidden/kernel')!;
    const mask = ticket!.masks.get('hidden/kernel')!;
    const kept = [...trained].filter((_, i) => mask[i] === 1).map(Math.abs);
    const pruned = [...trained].filter((_, i) => mask[i] === 0).map(Math.abs);
    expect(Math.min(...kept)).toBeGreaterThan(Math.max(...pruned));
    expect(ticket!.start.get('hidden/kernel')).toEqual(initial);
    const after = ticket!.trained.get('hidden/kernel')!;
    expect(after.every((value, i) => (mask[i] === 0 ? value === 0 : value !== 0))).toBe(true);
  });

  it('rewinds to the weights of a step in the middle of an epoch, and goes on with the batches after it', async () => {
    // Dense from step 5 on, where the trunk ended, is dense from the start on, but for the new optimizer's moments.
    const compile = (model: ReturnType<typeof tinyModel>) =>
      model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    const given = { ...tinyStudy(), compile: compile as never, sparsity: 0.5, controls: [] };
    const [whole] = results(await recordsOf(lotteryTicket(given)));
    const [rewound, ticket] = results(await recordsOf(lotteryTicket({ ...given, rewindStep: 5 })));
    expect(rewound!.trained).toEqual(whole!.trained);
    expect(rewound!.step).toBe(8);
    expect(ticket!.start).not.toEqual(whole!.start);
    expect(ticket!.start).toEqual(rewound!.start);
  });

  it('shuffles masks within each weight for one control, initial values for the other', async () => {
    const found = results(await recordsOf(lotteryTicket({ ...tinyStudy(), sparsity: 0.75 })));
    const [ticket, randomMask, randomReinit] = found.slice(1) as [TicketResult, TicketResult, TicketResult];
    expect([randomMask.branch, randomReinit.branch]).toEqual(['randomMask', 'randomReinit']);
    for (const [key, mask] of ticket.masks) {
      expect(ones(randomMask.masks.get(key)!)).toBe(ones(mask));
      expect(randomMask.masks.get(key)).not.toEqual(mask);
      expect(randomMask.start.get(key)).toEqual(ticket.start.get(key));
      expect(randomReinit.masks.get(key)).toEqual(mask);
      expect(randomReinit.start.get(key)).not.toEqual(ticket.start.get(key));
      expect(randomReinit.start.get(key)!.slice().sort()).toEqual(ticket.start.get(key)!.slice().sort());
    }
    expect(randomReinit.start.get('hidden/bias')).toEqual(ticket.start.get('hidden/bias'));
  });

  it('takes targets by layer, and whole inputs', async () => {
    const zeros = async (more: object) => {
      const found = results(
        await recordsOf(lotteryTicket({ ...tinyStudy(), sparsity: 0.75, rounds: 2, controls: [], ...more })),
      );
      const { weights } = found.at(-1)!;
      return [weights['hidden/kernel']!.zeros, weights['output/kernel']!.zeros];
    };
    expect(await zeros({ distribution: { output: 0.5 } })).toEqual([48, 24]);
    expect(await zeros({ structure: { type: 'input' } })).toEqual([48, 36]);
  });

  it('ranks all weights together with a global scope', async () => {
    const given = { ...tinyStudy(), sparsity: 0.75, scope: 'global', controls: [] } as const;
    const [dense, ticket] = results(await recordsOf(lotteryTicket(given)));
    const magnitudes = (bit: number) =>
      [...ticket!.masks].flatMap(([key, mask]) =>
        [...dense!.trained.get(key)!].filter((_, i) => mask[i] === bit).map(Math.abs),
      );
    expect(magnitudes(1)).toHaveLength(28);
    expect(Math.min(...magnitudes(1))).toBeGreaterThan(Math.max(...magnitudes(0)));
  });

  it('refuses to rewind past the end, and options out of range', async () => {
    const refused = (more: object) =>
      expect(recordsOf(lotteryTicket({ ...tinyStudy(), sparsity: 0.5, ...more }))).rejects;
    await refused({ rewindStep: 8 }).toMatchObject({
      code: 'ERR_SPARSE_OPTION',
      tensor: 'rewindStep',
      expected: 'below 8',
    });
    await refused({ rewindStep: 9 }).toMatchObject({
      code: 'ERR_SPARSE_OPTION',
      tensor: 'rewindStep',
      expected: 'below 8',
    });
    await refused({ sparsity: 1 }).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
    await refused({ sparsity: Number.NaN }).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
    await refused({ rounds: 0 }).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
    await refused({ controls: ['shuffled'] }).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
    await refused({ controls: 'randomMask' }).toMatchObject({ code: 'ERR_SPARSE_ARGUMENT' });
    await refused({ controlLevels: 'first' }).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
    await refused({ criterion: 'largest' }).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
  });
});
