import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { oneInput, serving } from './models.ts';

const session = oneInput();
let app: Awaited<ReturnType<typeof serving>>;
beforeAll(async () => {
  app = await serving({ models: { m: session } });
});
afterAll(async () => {
  await app.close();
  session.dispose();
});

const good = { name: 'x', shape: [1, 2, 3], datatype: 'FP32', data: [1, 2, 3, 4, 5, 6] };

/** A good request with one part of it replaced by any JSON value. */
const almostGood = fc
  .tuple(
    fc.constantFrom('id', 'outputs', 'inputs', 'name', 'shape', 'datatype', 'data', 'parameters'),
    fc.jsonValue(),
  )
  .map(([key, value]) =>
    Object.hasOwn(good, key) ? { inputs: [{ ...good, [key]: value }] } : { inputs: [good], [key]: value },
  );

it('whatever JSON comes, the answer is a result or an error of the client with a text', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(almostGood, fc.jsonValue()), async (body) => {
      const headers = { 'content-type': 'application/json' };
      const payload = JSON.stringify(body);
      const response = await app.inject({ method: 'POST', url: '/v2/models/m/infer', headers, payload });
      expect([200, 400]).toContain(response.statusCode);
      const answer = response.json();
      if (response.statusCode === 400) expect(answer).toEqual({ error: expect.stringMatching(/\w/) });
      else expect(answer.outputs[0]).toMatchObject({ name: 'y', shape: [1, 2, 4] });
    }),
    { numRuns: 500 },
  );
});
