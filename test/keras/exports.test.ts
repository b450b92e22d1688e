import { readdirSync, readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { compile } from '../../lib/session/compile.ts';
import { relativeDifference } from '../helpers/sessions.ts';

interface Values {
  shape: number[];
  values: number[];
}

const folder = new URL('exports/', import.meta.url);
const names = readdirSync(folder).sort();

/** Exports that TensorFlow.js 4.22 loads, and gives Keras's own values for; the others need what only Keras has. */
const loadable = ['keras2-nested'];

/** Half a unit of float32 for each of a few dozen roundings, on outputs of magnitude 1. */
const tolerance = 1e-5;

describe('models that Keras wrote and the converter translated', () => {
  it.each(names)('%s gives what Keras predicts', async (name) => {
    const file = new URL(`${name}/model.json`, folder).pathname;
    const read = (path: string) => JSON.parse(readFileSync(new URL(`${name}/${path}`, folder), 'utf8'));
    const { inputs, outputs } = read('expected.json') as { inputs: Values[]; outputs: Values[] };
    const session = await compile(file);
    const feeds = session.inputs.map(({ name: port, dtype }, i) => {
      const { values } = inputs[i]!;
      return [port, dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values)] as const;
    });
    const results = session.run(Object.fromEntries(feeds));
    expect(session.outputs.length).toBe(outputs.length);
    for (const [i, { name: port, shape }] of session.outputs.entries()) {
      expect([2, ...shape.slice(1)], port).toEqual(outputs[i]!.shape);
      const difference = relativeDifference(results[port]!, Float32Array.from(outputs[i]!.values));
      expect(difference, port).toBeLessThanOrEqual(tolerance);
    }
    session.dispose();
  });

  it('are loaded by TensorFlow.js where this list says so, and no others', async () => {
    const loaded: string[] = [];
    for (const name of names) {
      const model = await tf
        .loadLayersModel(`file://${new URL(`${name}/model.json`, folder).pathname}`)
        .catch(() => undefined);
      if (model) loaded.push(name);
      model?.dispose();
    }
    expect(loaded).toEqual(loadable);
  });
});
