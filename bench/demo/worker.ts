/** The main program of a training process: takes one job after the other, on one TensorFlow thread. */
import { makeModel } from './make-model.ts';
import type { FromWorker, ToWorker, WorkerConfig } from './messages.ts';
import { readMnist } from './mnist.ts';

const config = JSON.parse(process.argv[2]!) as WorkerConfig;
const send = (message: FromWorker) => process.send!(message);
const [trainImages, testImages] = await Promise.all([
  readMnist('train', config.trainImages),
  readMnist('test', config.testImages),
]);

process.on('message', async ({ job }: ToWorker) => {
  try {
    const made = await makeModel(job, { output: config.output, trainImages, testImages }, send);
    send({ type: 'done', id: job.id, ...made });
  } catch (error) {
    send({ type: 'failed', id: job.id, error: String(error instanceof Error ? error.stack : error) });
  }
});
process.on('disconnect', () => process.exit(0));
send({ type: 'ready' });
