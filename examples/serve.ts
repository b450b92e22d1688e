// A model behind HTTP: compile it, serve it by the Open Inference Protocol, ask it once, stop.
// npx tsx examples/serve.ts
import * as tf from '@tensorflow/tfjs-node';
import Fastify from 'fastify';
import { compile } from '../lib/index.ts'; // in a project of your own: 'tfjs-sparse'
import { sparseServer } from '../lib/server.ts'; // in a project of your own: 'tfjs-sparse/server'

const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: 8, activation: 'relu', inputShape: [4] }),
    tf.layers.dense({ units: 3, activation: 'softmax' }),
  ],
});
// A server of your own needs no TensorFlow.js: `compile('model/model.json')` or `SparseSession.load(file)`.
using session = await compile(model);

const app = Fastify();
await app.register(sparseServer, { models: { iris: { session, maxBatch: 32, maxDelayMs: 1 } } });
const origin = await app.listen({ host: '127.0.0.1', port: 0 });

const data = [5.1, 3.5, 1.4, 0.2];
const [input] = session.inputs;
const response = await fetch(`${origin}/v2/models/iris/infer`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ id: '1', inputs: [{ name: input!.name, shape: [1, 4], datatype: 'FP32', data }] }),
});
const { model_name, id, outputs } = (await response.json()) as {
  model_name: string;
  id: string;
  outputs: { shape: number[]; data: number[] }[];
};
console.log(`status ${response.status}, model ${model_name}, id ${id}`);
console.log(`shape  [${outputs[0]!.shape.join(', ')}]`);
console.log(`served    ${outputs[0]!.data.map((p) => p.toFixed(6)).join(' ')}`);
const predicted = (model.predict(tf.tensor2d([data])) as tf.Tensor).dataSync();
console.log(`predicted ${Array.from(predicted, (p) => p.toFixed(6)).join(' ')}`);
await app.close();
