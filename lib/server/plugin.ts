import type { FastifyPluginAsync } from 'fastify';
import { SparseError } from '../errors.ts';
import { nativeInfo } from '../native/info.ts';
import { disconnectSignal } from './disconnect.ts';
import { replyWithError } from './error-reply.ts';
import { readServerOptions, type SparseServerOptions } from './options.ts';
import { ServedModel } from './served-model.ts';

/**
 * A Fastify plugin that serves sessions by the Open Inference Protocol, version 2, over REST with JSON bodies. Requests of
 * one batch element are merged into batches; larger ones, and models with several inputs or outputs, run on their own.
 * Nothing runs on the event loop but reading and writing JSON.
 *
 * The plugin is handed the Fastify instance, so this package loads no copy of Fastify itself.
 *
 * @throws {@link SparseError} `ERR_SPARSE_ARGUMENT`, `ERR_SPARSE_OPTION`, when the instance gets ready
 * @example
 * const app = Fastify();
 * await app.register(sparseServer, { models: { mnist: await SparseSession.load('mnist.safetensors') } });
 * await app.listen({ port: 8080 }); // POST /v2/models/mnist/infer
 * @see https://github.com/kserve/open-inference-protocol
 */
export const sparseServer: FastifyPluginAsync<SparseServerOptions> = async (app, options) => {
  const { models: modelOptions, bodyLimit } = readServerOptions(options);
  const models = new Map([...modelOptions].map(([name, model]) => [name, new ServedModel(name, model)]));
  const find = ({ name }: { name: string }): ServedModel => {
    const model = models.get(name);
    if (model !== undefined) return model;
    const served = [...models.keys()];
    throw new SparseError(
      'ERR_SPARSE_UNKNOWN_MODEL',
      `no model "${name}" is served here, expected one of ${served.join(', ')}.`,
      { expected: served, received: name },
    );
  };
  const { version } = nativeInfo();

  app.setErrorHandler(replyWithError);
  app.addHook('onClose', async () => {
    await Promise.all([...models.values()].map((model) => model.close()));
  });

  app.get('/v2', async () => ({ name: 'tfjs-sparse', version, extensions: [] }));
  app.get('/v2/health/live', async () => ({ live: true }));
  app.get('/v2/health/ready', async (_request, reply) => {
    const ready = [...models.values()].every((model) => model.isReady);
    return reply.code(ready ? 200 : 503).send({ ready });
  });
  app.get<{ Params: { name: string } }>('/v2/models/:name', async ({ params }) => find(params).metadata());
  app.get<{ Params: { name: string } }>('/v2/models/:name/ready', async ({ params }, reply) => {
    const ready = find(params).isReady;
    return reply.code(ready ? 200 : 503).send({ name: params.name, ready });
  });
  app.post<{ Params: { name: string } }>(
    '/v2/models/:name/infer',
    { bodyLimit },
    async ({ params, body }, reply) => find(params).infer(body, disconnectSignal(reply.raw)),
  );
};
