import { expect, it } from 'vitest';
import { native } from '../../lib/native/load.ts';
import { failure } from '../lib/sparse/failure.ts';

// Not among the addon's other tests: the address sanitizer ends a process that asks for so much.
it('memory that runs out in the addon is an error of the call, not the end of the process', () => {
  const error = failure(() => native().denseStats(new Float32Array(0), 2 ** 50, 0, 1));
  expect(error).toMatchObject({ code: 'ERR_SPARSE_NATIVE', message: 'not enough memory' });
});
