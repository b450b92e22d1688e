import { describe, expect, it } from 'vitest';
import { rejection } from '../../helpers/sessions.ts';
import { failure } from '../sparse/failure.ts';
import { expectReadable, one } from './bad-input.ts';

describe('a disposed session', () => {
  it('refuses everything but dispose', async () => {
    const session = one();
    session.dispose();
    session.dispose();
    const x = new Float32Array(3);
    const facts = { code: 'ERR_SPARSE_DISPOSED', tensor: 'session' };
    expect(failure(() => session.run(x))).toMatchObject(facts);
    expect(failure(() => session.run({ x }))).toMatchObject(facts);
    expect(failure(() => session.describe())).toMatchObject(facts);
    expect(await rejection(session.runAsync(x))).toMatchObject(facts);
    expect(await rejection(session.save('nowhere'))).toMatchObject(facts);
    expectReadable(
      failure(() => session.run(x)),
      'run',
    );
  });

  it('is disposed by Symbol.dispose too', () => {
    const session = one();
    session[Symbol.dispose]();
    expect(failure(() => session.run(new Float32Array(3))).code).toBe('ERR_SPARSE_DISPOSED');
  });
});
