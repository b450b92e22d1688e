import { expect, it } from 'vitest';
import { movementSchedule } from '../../../../lib/pruning/movement/schedule.ts';
import { failure } from '../../sparse/failure.ts';

const config = { totalSteps: 100, warmupSteps: 10, initialThreshold: 1, finalThreshold: 0.15 };

it('falls by a cube between the warm-ups', () => {
  const { at } = movementSchedule(config);
  expect([0, 10, 11, 45, 80, 81, 100].map((step) => Math.round(at(step).threshold * 1e6) / 1e6)).toEqual([
    1, 1, 0.964089, 0.25625, 0.15, 0.15, 0.15,
  ]);
});

it('scales the penalty with the threshold', () => {
  const { at } = movementSchedule({ ...config, finalLambda: 400 });
  expect(at(100).lambda).toBe(400);
  expect(at(0).lambda).toBeCloseTo(400 / 0.15, 9);
  expect(movementSchedule({ ...config, finalThreshold: 0 }).at(100)).toEqual({ threshold: 0, lambda: 0 });
});

it('refuses what is no schedule', () => {
  expect(failure(() => movementSchedule({ ...config, totalSteps: Number.NaN })).tensor).toBe('totalSteps');
  expect(failure(() => movementSchedule({ ...config, warmupSteps: undefined as never })).tensor).toBe(
    'warmupSteps',
  );
  expect(failure(() => movementSchedule({ ...config, warmupSteps: 34 })).message).toContain('none of 100');
  expect(failure(() => movementSchedule({ ...config, warmup: 3 } as never)).code).toBe('ERR_SPARSE_OPTION');
});
