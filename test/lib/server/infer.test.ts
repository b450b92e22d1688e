import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../helpers/random.ts';
import { bodyOf, infer, oneInput, serving, twoInputs } from './models.ts';

const session = oneInput();
const two = twoInputs();
const random = new Random();
let app: Awaited<ReturnType<typeof serving>>;
beforeAll(async () => {
  app = await serving({ models: { m: session, two } });
});
afterAll(async () => {
  await app.close();
  session.dispose();
  two.dispose();
});

describe('an inference request', () => {
  it.each([1, 2, 7])('gives the bits that session.run gives, at batch %i', async (batch) => {
    const x = random.floats(batch * 6);
    const response = await infer(app, bodyOf(x, batch));
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toMatch(/^application\/json/);
    const y = session.run(x) as Float32Array;
    expect(response.json(), `SEED=${random.seed}`).toEqual({
      model_name: 'm',
      outputs: [{ name: 'y', shape: [batch, 2, 4], datatype: 'FP32', data: Array.from(y) }],
    });
  });

  it('takes nested data as it takes flat data', async () => {
    const x = random.floats(12);
    const rows = [0, 3, 6, 9].map((at) => Array.from(x.subarray(at, at + 3)));
    const nested = [rows.slice(0, 2), rows.slice(2)];
    const input = { name: 'x', shape: [2, 2, 3], datatype: 'FP32', data: nested };
    const response = await infer(app, { inputs: [input] });
    expect(response.json()).toEqual((await infer(app, bodyOf(x, 2))).json());
    expect(response.statusCode).toBe(200);
  });

  it('gets its id back', async () => {
    const response = await infer(app, { id: 'request 42', ...bodyOf(new Float32Array(6), 1) });
    expect(response.json()).toMatchObject({ id: 'request 42', model_name: 'm' });
  });

  it('may carry parameters, which change nothing', async () => {
    const body = bodyOf(random.floats(6), 1);
    const [input] = body.inputs;
    const outputs = [{ name: 'y', parameters: { binary_data: true } }];
    const rich = { parameters: { a: 1 }, inputs: [{ ...input, parameters: { b: true } }], outputs };
    const response = await infer(app, rich);
    expect(response.json()).toEqual((await infer(app, body)).json());
    expect(response.statusCode).toBe(200);
  });
});

describe('a model with several inputs and outputs', () => {
  const a = random.floats(4);
  const b = random.floats(8);
  const inputs = [
    { name: 'b', shape: [2, 4], datatype: 'FP32', data: Array.from(b) },
    { name: 'a', shape: [2, 2], datatype: 'FP32', data: Array.from(a) },
  ];
  const post = (payload: object) => app.inject({ method: 'POST', url: '/v2/models/two/infer', payload });
  const results = two.run({ a, b });
  const p = { name: 'p', shape: [2, 3], datatype: 'FP32', data: Array.from(results.p!) };
  const q = { name: 'q', shape: [2, 2], datatype: 'FP32', data: Array.from(results.q!) };

  it('takes inputs in any order and gives all outputs in its own', async () => {
    for (const outputs of [undefined, []])
      expect((await post({ inputs, outputs })).json()).toEqual({ model_name: 'two', outputs: [p, q] });
  });

  it('gives the outputs that are asked for, in the order asked', async () => {
    expect((await post({ inputs, outputs: [{ name: 'q' }] })).json().outputs).toEqual([q]);
    expect((await post({ inputs, outputs: [{ name: 'q' }, { name: 'p' }] })).json().outputs).toEqual([q, p]);
  });

  it('refuses a batch that differs between its inputs', async () => {
    const other = { name: 'b', shape: [1, 4], datatype: 'FP32', data: [1, 2, 3, 4] };
    const response = await post({ inputs: [other, inputs[1]] });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toEqual({
      error: 'infer: shape of input "b" is [1,4], expected [2, 4].',
    });
  });

  it('names the input that is missing', async () => {
    const response = await post({ inputs: [inputs[0]] });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toEqual({ error: 'infer: inputs lack "a", expected "a", "b".' });
  });
});
