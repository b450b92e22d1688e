import { describe, expect, it } from 'vitest';
import type { Engine } from '../../bench/runner/engine.ts';
import { runCase } from '../../bench/runner/run-case.ts';
import { localSeat } from '../../bench/runner/seat.ts';

/** An engine that spins for a while and gives a fixed output. */
function engine(name: string, output: number[], spins = 1): Engine<null> {
  return {
    name,
    prepare: async () => ({
      run() {
        let x = 1;
        for (let i = 0; i < spins; i++) x = Math.sqrt(x + i);
        return Float32Array.from(output, (v) => (x < 0 ? 0 : v));
      },
      facts: () => ({ spins }),
    }),
  };
}

const tiny = { seconds: 0, minRounds: 7, sampleSeconds: 0.0005 };

describe('runCase', () => {
  it('gives a row for each engine, with the first as the baseline', async () => {
    const seats = [engine('a', [1, 2]), engine('b', [1, 2], 100_000)].map((e) => localSeat(e, null));
    const [a, b] = await runCase(seats, tiny);
    expect(a).toMatchObject({ engine: 'a', ratio: 1, samples: 7, maxDifference: 0, facts: { spins: 1 } });
    expect(b).toMatchObject({ engine: 'b', samples: 7, maxDifference: 0, facts: { spins: 100_000 } });
    expect(b!.ratioInterval![0]).toBeLessThanOrEqual(b!.ratio!);
    expect(b!.ratioInterval![1]).toBeGreaterThanOrEqual(b!.ratio!);
  });

  it('times nothing when an output differs by more than the bound', async () => {
    const seats = [engine('right', [1, 100]), engine('wrong', [1.01, 100])].map((e) => localSeat(e, null));
    await expect(runCase(seats, tiny)).rejects.toThrow(/wrong: output differs from right by 0.0000?9/);
    await expect(runCase(seats, { ...tiny, bound: 1e-3 })).resolves.toHaveLength(2);
  });

  it('lets nothing through but equal bits when results are exact', async () => {
    const seats = [engine('right', [1]), engine('near', [1 + 2 ** -23])].map((e) => localSeat(e, null));
    await expect(runCase(seats, { ...tiny, exact: true })).rejects.toThrow('near: output differs');
  });

  it('keeps the place of an engine that cannot run, with the reason', async () => {
    const absent: Engine<null> = { name: 'absent', prepare: async () => ({ unavailable: 'not installed' }) };
    const rows = await runCase([localSeat(absent, null), localSeat(engine('here', [1]), null)], tiny);
    expect(rows[0]).toMatchObject({ engine: 'absent', medianUs: null, samples: 0, note: 'not installed' });
    expect(rows[1]).toMatchObject({ engine: 'here', ratio: 1 });
  });

  it('passes on what an engine throws while it is timed', async () => {
    let calls = 0;
    const failing: Engine<null> = {
      name: 'failing',
      prepare: async () => ({
        run() {
          if (++calls > 1) throw new Error('worn out');
          return new Float32Array(1);
        },
      }),
    };
    await expect(runCase([localSeat(failing, null)], tiny)).rejects.toThrow('worn out');
  });
});
