import { expect, it } from 'vitest';
import { openLthLevel } from '../../../lib/pruning/openlth-level.ts';
import { failure } from '../sparse/failure.ts';

const ramp = { name: 'fc', values: Float32Array.of(1, -2, 3, -4, 5, -6, 7, -8, 9, -10) };

it('prunes one more than it means to', () => {
  const level = openLthLevel([ramp], 0.2);
  expect(level).toMatchObject({ remaining: 10, toPrune: 2, threshold: 3, kept: 7 });
  expect(level.masks[0]!.join('')).toBe('0001111111');
});

it('goes on from the masks before, whatever stands where they prune', () => {
  const first = openLthLevel([ramp], 0.2);
  const trained = Float32Array.of(99, 99, 99, 1, 2, 3, 4, 5, 6, 7);
  const second = openLthLevel([{ name: 'fc', values: trained, mask: first.masks[0] }], 0.2);
  expect(second).toMatchObject({ remaining: 7, toPrune: 2, threshold: 3, kept: 4 });
  expect(second.masks[0]!.join('')).toBe('0000001111');
  expect(first.masks[0]!.join('')).toBe('0001111111');
});

it('counts an ignored weight all the same, so that the others are pruned harder', () => {
  const weights = [ramp, { name: 'out', values: new Float32Array(10).fill(100) }];
  const level = openLthLevel(weights, 0.2, ['out']);
  expect(level).toMatchObject({ remaining: 20, toPrune: 4, threshold: 5 });
  expect(level.masks.map((mask) => mask.join(''))).toEqual(['0000011111', '1111111111']);
});

it('prunes all that tie with the threshold', () => {
  expect(openLthLevel([{ name: 'fc', values: Float32Array.of(1, 1, 1, 2) }], 0.2).kept).toBe(1);
});

it('fails where OpenLTH does: the threshold lies past the last', () => {
  const weights = [
    { name: 'fc', values: Float32Array.of(1, 2) },
    { name: 'out', values: new Float32Array(8) },
  ];
  expect(failure(() => openLthLevel(weights, 0.2, ['out']))).toMatchObject({
    code: 'ERR_SPARSE_OPTION',
    expected: 'fewer than 2 to prune',
    received: 2,
  });
  expect(failure(() => openLthLevel([ramp], 1)).code).toBe('ERR_SPARSE_OPTION');
});

it('refuses NaN, masks of another length and names that no weight has', () => {
  const nan = { name: 'fc', values: Float32Array.of(1, Number.NaN) };
  expect(failure(() => openLthLevel([nan], 0.2))).toMatchObject({ code: 'ERR_SPARSE_NAN', tensor: 'fc' });
  const short = { ...ramp, mask: Uint8Array.of(1) };
  expect(failure(() => openLthLevel([short], 0.2))).toMatchObject({
    code: 'ERR_SPARSE_SHAPE',
    tensor: 'mask of fc',
  });
  expect(failure(() => openLthLevel([ramp], 0.2, ['output'])).message).toContain('expected one of fc');
});
