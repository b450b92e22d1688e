import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ModelCase } from '../cases/model-case.ts';
import { EngineProcess } from '../runner/process.ts';
import { runCase } from '../runner/run-case.ts';
import { readMnist } from './mnist.ts';
import type { Latency } from './result.ts';

export const batches = [1, 16, 64, 256];

export interface LatencyOptions {
  output: string;
  /** Model ids, each the name of a folder below `output`. */
  ids: readonly string[];
  seconds: number;
  onProgress(id: string, share: number): void;
}

/**
 * Times every saved model on real test images: TF.js in one process, the sessions in another, both on the same
 * core, one sample in turn.
 */
export async function measureLatency(options: LatencyOptions): Promise<Map<string, Latency[]>> {
  const { output, ids, seconds, onProgress } = options;
  const input = path.join(output, 'images.f32');
  const { pixels } = await readMnist('test', Math.max(...batches));
  await writeFile(input, new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength));
  const tfjs = new EngineProcess();
  const own = new EngineProcess();
  const results = new Map<string, Latency[]>();
  try {
    for (const [i, id] of ids.entries()) {
      const found: Latency[] = [];
      for (const [j, batch] of batches.entries()) {
        const cell = i * batches.length + j;
        onProgress(id, cell / (ids.length * batches.length));
        const model = { type: 'file' as const, path: path.join(output, id, 'model.json') };
        const work: ModelCase = { model, batch, input: { file: input } };
        const seats = [
          tfjs.seat('tfjs-node predict', work),
          tfjs.seat('accelerated predict', work),
          own.seat('session dense', work),
          own.seat('session sparse', work),
        ];
        found.push({ batch, rows: await runCase(seats, { seconds }) });
      }
      results.set(id, found);
    }
  } finally {
    tfjs.close();
    own.close();
  }
  return results;
}
