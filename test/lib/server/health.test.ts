import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { nativeInfo } from '../../../lib/native/info.ts';
import { sparseServer } from '../../../lib/server.ts';
import { bodyOf, infer, oneInput, serving, twoInputs } from './models.ts';

describe('metadata', () => {
  it('name the server and its version', async () => {
    const app = await serving({ models: {} });
    const response = await app.inject('/v2');
    expect(response.json()).toEqual({ name: 'tfjs-sparse', version: nativeInfo().version, extensions: [] });
    await app.close();
  });

  it('list the inputs and outputs of a model, the batch as -1', async () => {
    using m = oneInput();
    using two = twoInputs();
    const app = await serving({ models: { m, two: { session: two, maxQueue: 3 } } });
    expect((await app.inject('/v2/models/m')).json()).toEqual({
      name: 'm',
      platform: 'tfjs-sparse_plan',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2, 3] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2, 4] }],
    });
    const { inputs, outputs } = (await app.inject('/v2/models/two')).json();
    expect(inputs.map(({ name }: { name: string }) => name)).toEqual(['a', 'b']);
    expect(outputs.map(({ name }: { name: string }) => name)).toEqual(['p', 'q']);
    await app.close();
  });
});

describe('health', () => {
  it('says ready until a session is disposed, and live all the time', async () => {
    const m = oneInput();
    using other = oneInput();
    const app = await serving({ models: { m, other } });
    const get = async (url: string) => {
      const response = await app.inject(url);
      return [response.statusCode, response.json()];
    };
    expect(await get('/v2/health/live')).toEqual([200, { live: true }]);
    expect(await get('/v2/health/ready')).toEqual([200, { ready: true }]);
    expect(await get('/v2/models/m/ready')).toEqual([200, { name: 'm', ready: true }]);
    m.dispose();
    expect(await get('/v2/health/live')).toEqual([200, { live: true }]);
    expect(await get('/v2/health/ready')).toEqual([503, { ready: false }]);
    expect(await get('/v2/models/m/ready')).toEqual([503, { name: 'm', ready: false }]);
    expect(await get('/v2/models/other/ready')).toEqual([200, { name: 'other', ready: true }]);
    const refused = await infer(app, bodyOf(new Float32Array(12), 2));
    expect([refused.statusCode, refused.json().error]).toEqual([503, expect.stringContaining('disposed')]);
    await app.close();
  });
});

describe('the plugin', () => {
  it('lies below a prefix, and leaves the routes and errors beside it alone', async () => {
    using m = oneInput();
    const app = Fastify();
    await app.register(sparseServer, { models: { m }, prefix: '/ml' });
    app.get('/own', async () => {
      throw Object.assign(new Error('of its own'), { statusCode: 418 });
    });
    expect((await app.inject('/ml/v2/models/m')).statusCode).toBe(200);
    expect((await app.inject('/v2/models/m')).statusCode).toBe(404);
    const own = await app.inject('/own');
    expect(own.json()).toMatchObject({ statusCode: 418, message: 'of its own' });
    await app.close();
  });

  it('can be registered twice', async () => {
    using m = oneInput();
    const app = Fastify();
    await app.register(sparseServer, { models: { m }, prefix: '/a' });
    await app.register(sparseServer, { models: { other: m }, prefix: '/b' });
    expect((await app.inject('/a/v2/models/m')).statusCode).toBe(200);
    expect((await app.inject('/b/v2/models/other')).statusCode).toBe(200);
    expect((await app.inject('/b/v2/models/m')).statusCode).toBe(404);
    await app.close();
  });

  it('leaves the sessions to their owner when it closes', async () => {
    using m = oneInput();
    const app = await serving({ models: { m } });
    await app.close();
    expect(m.disposed).toBe(false);
    expect(m.run(new Float32Array(6))).toHaveLength(8);
  });
});
