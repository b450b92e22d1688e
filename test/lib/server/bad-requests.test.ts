import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bodyOf, infer, oneInput, serving } from './models.ts';

const session = oneInput();
let app: Awaited<ReturnType<typeof serving>>;
beforeAll(async () => {
  app = await serving({ models: { m: session }, bodyLimit: 10_000 });
});
afterAll(async () => {
  // Still right after all that was thrown at it.
  const x = Float32Array.from([1, 2, 3, 4, 5, 6]);
  const { outputs } = (await infer(app, bodyOf(x, 1))).json();
  expect(outputs[0].data).toEqual(Array.from(session.run(x) as Float32Array));
  await app.close();
  session.dispose();
});

const six = [1, 2, 3, 4, 5, 6];
const good = { name: 'x', shape: [1, 2, 3], datatype: 'FP32', data: six };

describe('a bad request gets status 400 and says what is wrong:', () => {
  it.each<[string, unknown, RegExp]>([
    ['a list as body', [], /the body is Array, expected a JSON object/],
    ['null as body', null, /the body is null, expected a JSON object/],
    ['no inputs', {}, /"inputs" is undefined, expected a list/],
    ['inputs by name', { inputs: { x: good } }, /"inputs" is Object, expected a list/],
    ['no input', { inputs: [] }, /inputs lack "x"/],
    ['an input that is null', { inputs: [null] }, /input 0 is null, expected a JSON object/],
    ['an input without name', { inputs: [{ ...good, name: undefined }] }, /name of input 0 is nothing/],
    ['an unknown input', { inputs: [good, { ...good, name: 'z' }] }, /name of input 1 is "z".*one of "x"/],
    ['a near miss', { inputs: [{ ...good, name: 'X' }] }, /Did you mean "x"\?/],
    ['an input given twice', { inputs: [good, good] }, /input "x" comes twice/],
    [
      'another datatype',
      { inputs: [{ ...good, datatype: 'FP64' }] },
      /datatype .* is "FP64", expected "FP32"/,
    ],
    [
      'no datatype',
      { inputs: [{ ...good, datatype: undefined }] },
      /datatype .* is nothing, expected "FP32"/,
    ],
    ['no shape', { inputs: [{ ...good, shape: undefined }] }, /is nothing, expected \[batch, 2, 3\]/],
    ['a shape that is no list', { inputs: [{ ...good, shape: 6 }] }, /is 6, expected \[batch, 2, 3\]/],
    ['another rank', { inputs: [{ ...good, shape: [1, 6] }] }, /is \[1,6\], expected \[batch, 2, 3\]/],
    ['another shape', { inputs: [{ ...good, shape: [1, 3, 2] }] }, /is \[1,3,2\], expected/],
    ['an empty batch', { inputs: [{ ...good, shape: [0, 2, 3], data: [] }] }, /with a batch of at least 1/],
    ['a batch of -1', { inputs: [{ ...good, shape: [-1, 2, 3] }] }, /is \[-1,2,3\], expected/],
    ['half a batch', { inputs: [{ ...good, shape: [0.5, 2, 3] }] }, /is \[0\.5,2,3\], expected/],
    ['a batch in words', { inputs: [{ ...good, shape: ['1', 2, 3] }] }, /is \["1",2,3\], expected/],
    [
      'a vast batch',
      { inputs: [{ ...good, shape: [2 ** 50, 2, 3] }] },
      /data .* has 6 elements, expected 675/,
    ],
    [
      'a vast batch of nothing',
      { inputs: [{ ...good, shape: [2 ** 50, 2, 3], data: [[]] }] },
      /data .* has 1 elements, expected 1125899906842624/,
    ],
    ['too few values', { inputs: [{ ...good, data: [1, 2] }] }, /has 2 elements, expected 6/],
    ['too many values', { inputs: [{ ...good, data: [...six, 7] }] }, /has 7 elements, expected 6/],
    ['no data', { inputs: [{ ...good, data: undefined }] }, /data of input "x" is undefined/],
    ['data as base64', { inputs: [{ ...good, data: 'AACAPw==' }] }, /data of input "x" is string/],
    [
      'lists of other lengths',
      {
        inputs: [
          {
            ...good,
            data: [
              [
                [1, 2],
                [3, 4, 5, 6],
              ],
            ],
          },
        ],
      },
      /data\[0\]\[0\] .* has 2/,
    ],
    [
      'lists that are too deep',
      {
        inputs: [
          {
            ...good,
            data: [
              [
                [[1], 2, 3],
                [4, 5, 6],
              ],
            ],
          },
        ],
      },
      /element 0 .* is \[1\]/,
    ],
    [
      'lists that are not deep enough',
      { inputs: [{ ...good, data: [[1, 2]] }] },
      /data\[0\]\[0\] .* is number/,
    ],
    [
      'a number among lists',
      { inputs: [{ ...good, data: [[[1, 2, 3], 4]] }] },
      /data\[0\]\[1\] .* is number/,
    ],
    ['a list among numbers', { inputs: [{ ...good, data: [1, 2, 3, 4, 5, [6]] }] }, /element 5 .* is \[6\]/],
    ['a word among numbers', { inputs: [{ ...good, data: ['1', 2, 3, 4, 5, 6] }] }, /element 0 .* is "1"/],
    ['null among numbers', { inputs: [{ ...good, data: [1, null, 3, 4, 5, 6] }] }, /element 1 .* is null/],
    ['true among numbers', { inputs: [{ ...good, data: [1, 2, 3, 4, 5, true] }] }, /element 5 .* is true/],
    [
      'a number beyond float32',
      { inputs: [{ ...good, data: [1, 2, 3.5e38, 4, 5, 6] }] },
      /element 2 .* 3\.5e\+38/,
    ],
    ['a number for an id', { id: 7, inputs: [good] }, /"id" is 7, expected a string/],
    ['outputs in one object', { inputs: [good], outputs: { name: 'y' } }, /"outputs" is Object/],
    [
      'an unknown output',
      { inputs: [good], outputs: [{ name: 'z' }] },
      /name of output 0 is "z".*one of "y"/,
    ],
    [
      'an output twice',
      { inputs: [good], outputs: [{ name: 'y' }, { name: 'y' }] },
      /output "y" comes twice/,
    ],
  ])('%s', async (_what, body, text) => {
    const headers = { 'content-type': 'application/json' };
    const url = '/v2/models/m/infer';
    const response = await app.inject({ method: 'POST', url, headers, payload: JSON.stringify(body) });
    expect(response.json()).toEqual({ error: expect.stringMatching(text) });
    expect(response.statusCode).toBe(400);
  });

  it('a number beyond every double', async () => {
    const payload = JSON.stringify({ inputs: [good] }).replace('[1,2,3,4', '[1,-1e999,3,4');
    const headers = { 'content-type': 'application/json' };
    const response = await app.inject({ method: 'POST', url: '/v2/models/m/infer', headers, payload });
    expect(response.json()).toEqual({ error: expect.stringMatching(/element 1 .* is -Infinity/) });
    expect(response.statusCode).toBe(400);
  });
});

describe('what is not read at all gets an error of its own:', () => {
  it.each<[string, string, string, number]>([
    ['half a body', 'application/json', '{"inputs": [', 400],
    ['an empty body', 'application/json', '', 400],
    ['a prototype in the body', 'application/json', '{"__proto__": {"inputs": []}}', 400],
    ['a list in lists without end', 'application/json', '['.repeat(5000), 400],
    ['another content type', 'application/octet-stream', 'AAAA', 415],
    ['a body over the limit', 'application/json', `{"inputs": "${'x'.repeat(10_000)}"}`, 413],
  ])('%s', async (_what, type, payload, status) => {
    const headers = { 'content-type': type };
    const response = await app.inject({ method: 'POST', url: '/v2/models/m/infer', headers, payload });
    expect(response.json()).toEqual({ error: expect.stringMatching(/\w/) });
    expect(response.statusCode).toBe(status);
  });

  it.each<[string, 'GET' | 'POST', string]>([
    ['metadata', 'GET', '/v2/models/other'],
    ['readiness', 'GET', '/v2/models/other/ready'],
    ['inference', 'POST', '/v2/models/other/infer'],
    ['a name of the prototype', 'GET', '/v2/models/__proto__'],
    ['a name with a slash', 'GET', '/v2/models/m%2Fm'],
  ])('%s of a model that is not served', async (_what, method, url) => {
    const response = await app.inject({ method, url, ...(method === 'POST' && { payload: {} }) });
    expect(response.json()).toEqual({ error: expect.stringMatching(/no model "\S+" is served.*one of m\./) });
    expect(response.statusCode).toBe(404);
  });
});

describe('a fault of the server gets status 500', () => {
  it('and says nothing of its inside', async () => {
    const failing = vi.spyOn(session, 'runAsync').mockRejectedValue(new Error('secret of the house'));
    const response = await infer(app, { inputs: [good] });
    failing.mockRestore();
    expect(response.statusCode).toBe(500);
    expect(response.json()).toEqual({ error: 'The server failed; its log says more.' });
  });

  it('and names the output that JSON cannot hold', async () => {
    using overflowing = oneInput();
    const values = Float32Array.of(0, Number.POSITIVE_INFINITY, 0, 0, 0, 0, 0, 0);
    vi.spyOn(overflowing, 'runAsync').mockResolvedValue(values as never);
    const other = await serving({ models: { m: overflowing } });
    const response = await infer(other, { inputs: [good] });
    await other.close();
    expect(response.statusCode).toBe(500);
    expect(response.json()).toEqual({ error: expect.stringMatching(/element 1 of output "y" is Infinity/) });
  });
});
