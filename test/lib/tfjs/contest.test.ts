import { describe, expect, it } from 'vitest';
import { Contest, contestKey, contestRange, type Path } from '../../../lib/tfjs/contest.ts';

/** Lets calls take turns until somebody has won. */
function race(us: Record<Path, (call: number) => number>): { contest: Contest; turns: Path[] } {
  const contest = new Contest();
  const turns: Path[] = [];
  for (let i = 0; contest.winner === undefined; i++) {
    const path = contest.nextTurn();
    expect(contest.isTimed(path)).toBe(true);
    turns.push(path);
    contest.record(path, us[path](i));
  }
  return { contest, turns };
}

describe('Contest', () => {
  it('lets the ways take turns, native first', () => {
    const { turns } = race({ native: () => 10, tfjs: () => 10 });
    expect(turns.slice(0, 4)).toEqual(['native', 'tfjs', 'native', 'tfjs']);
    expect(turns.length).toBe(14);
  });

  it('decides early for a way that is twice as fast', () => {
    const { contest, turns } = race({ native: () => 10, tfjs: () => 21 });
    expect([contest.winner, turns.length]).toEqual(['native', 8]);
    expect(race({ native: () => 21, tfjs: () => 10 }).contest.winner).toBe('tfjs');
  });

  it('gives a tie to TF.js and a lead of more than 3 % to native', () => {
    expect(race({ native: () => 98, tfjs: () => 100 }).contest.winner).toBe('tfjs');
    expect(race({ native: () => 96, tfjs: () => 100 }).contest.winner).toBe('native');
  });

  it('does not count a first call or one that was interrupted', () => {
    const slow = (call: number) => (call < 2 || call === 4 ? 10_000 : 10);
    expect(race({ native: slow, tfjs: () => 30 }).contest.winner).toBe('native');
  });

  it('tries native again now and then where TF.js won, and believes a faster call', () => {
    const { contest } = race({ native: () => 30, tfjs: () => 20 });
    const turns = Array.from({ length: 1024 }, () => contest.nextTurn());
    expect(turns.filter((path) => path === 'native').length).toBe(4);
    expect([contest.isTimed('native'), contest.isTimed('tfjs')]).toEqual([true, false]);
    contest.record('native', 25);
    expect(contest.winner).toBe('tfjs');
    contest.record('native', 15);
    expect(contest.winner).toBe('native');
    expect(contest.isTimed('native')).toBe(false);
  });

  it('is over before it begins where the winner is known', () => {
    const contest = new Contest('native');
    expect([contest.nextTurn(), contest.isTimed('native'), contest.least('native')]).toEqual([
      'native',
      false,
      undefined,
    ]);
  });

  it('is shared by batches of about one size', () => {
    expect([1, 2, 3, 4, 7, 8, 256].map(contestKey)).toEqual([0, 1, 1, 2, 2, 3, 8]);
    expect([0, 1, 8].map(contestRange)).toEqual(['1', '2 to 3', '256 to 511']);
  });
});
