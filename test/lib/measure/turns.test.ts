import { describe, expect, it } from 'vitest';
import { takeTurns, timeCalls } from '../../../lib/measure/turns.ts';

/** A contestant whose call takes `period` seconds, by its own word. */
function claiming(name: string, period: number, log: string[] = []) {
  return {
    name,
    sample(calls: number) {
      log.push(`${name}:${calls}`);
      return period;
    },
  };
}

describe('takeTurns', () => {
  it('gives every contestant as many samples, one in each round', async () => {
    const turns = await takeTurns([claiming('a', 0.001), claiming('b', 0.002)], {
      seconds: 0,
      minRounds: 5,
      sampleSeconds: 0.004,
    });
    expect(turns).toEqual([
      { name: 'a', calls: 4, samples: [0.001, 0.001, 0.001, 0.001, 0.001] },
      { name: 'b', calls: 2, samples: [0.002, 0.002, 0.002, 0.002, 0.002] },
    ]);
  });

  it('lets another contestant begin in each round', async () => {
    const log: string[] = [];
    const three = ['a', 'b', 'c'].map((name) => claiming(name, 1, log));
    await takeTurns(three, { seconds: 0, minRounds: 3, sampleSeconds: 0 });
    const rounds = log.slice(9).join(' ').replaceAll(':1', '');
    expect(rounds).toBe('a b c b c a c a b');
  });

  it('goes on until the time is used up, and no longer than the most rounds', async () => {
    const long = await takeTurns([claiming('a', 0.01)], { seconds: 0.2, minRounds: 1, sampleSeconds: 0.01 });
    expect(long[0]!.samples).toHaveLength(20);
    const capped = await takeTurns([claiming('a', 1e-9)], { seconds: 9, maxRounds: 7, sampleSeconds: 1e-9 });
    expect(capped[0]!.samples).toHaveLength(7);
  });

  it('does not take one interrupted call for a slow engine', async () => {
    let samples = 0;
    const interruptedAtFirst = { name: 'a', sample: () => (++samples === 1 ? 0.5 : 2 ** -20) };
    const [turn] = await takeTurns([interruptedAtFirst], {
      seconds: 0,
      minRounds: 1,
      sampleSeconds: 2 ** -10,
    });
    expect(turn!.calls).toBe(1024);
  });

  it('reports a share that rises to 1', async () => {
    const shares: number[] = [];
    await takeTurns([claiming('a', 0.01)], {
      seconds: 0.05,
      minRounds: 2,
      sampleSeconds: 0.01,
      onRound: (share) => shares.push(share),
    });
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });

  it('stops between two samples when the caller aborts', async () => {
    const stop = new AbortController();
    let samples = 0;
    const contestant = {
      name: 'a',
      sample() {
        if (++samples === 7) stop.abort(new Error('enough'));
        return 1;
      },
    };
    await expect(
      takeTurns([contestant], { seconds: 100, sampleSeconds: 0, signal: stop.signal }),
    ).rejects.toMatchObject({ code: 'ERR_SPARSE_ABORTED', cause: { message: 'enough' } });
    expect(samples).toBe(7);
  });
});

describe('timeCalls', () => {
  it('calls once untimed and then as often as asked', () => {
    let calls = 0;
    const seconds = timeCalls(() => calls++, 10);
    expect(calls).toBe(11);
    expect(seconds).toBeGreaterThan(0);
  });
});
