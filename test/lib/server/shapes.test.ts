import { describe, expect, it } from 'vitest';
import { compile } from '../../../lib/session/compile.ts';
import { attr, TestGraph } from '../../helpers/graph-model.ts';
import { placesGraph } from '../../helpers/places-graph.ts';
import { Random } from '../../helpers/random.ts';
import { infer, serving } from './models.ts';

/** ids [batch, 3] times 2, as integers. */
function integers(batch: number): TestGraph {
  const graph = new TestGraph(new Random(1));
  const ids = graph.input('ids', [batch, 3], 'int32');
  graph.node('twice', 'Mul', [ids, graph.ints('two', [2, 2, 2])], { T: attr.type('int32') });
  return graph;
}

async function serve(graph: TestGraph, outputs: string[]) {
  const session = await compile(graph.artifacts(outputs));
  const app = await serving({ models: { m: session } });
  const metadata = (await app.inject('/v2/models/m')).json();
  return { session, app, metadata };
}

const ofX = (data: number[], shape = [8]) => ({
  inputs: [{ name: 'x', shape, datatype: 'FP32', data }],
});
const ofIds = (data: number[], shape: number[]) => ({
  inputs: [{ name: 'ids', shape, datatype: 'INT32', data }],
});

describe('outputs as long as the run finds', () => {
  it('say so in the metadata, and have the shape that they have', async () => {
    const { app, metadata } = await serve(placesGraph(), ['where', 'values']);
    expect(metadata.inputs).toEqual([{ name: 'x', datatype: 'FP32', shape: [8] }]);
    expect(metadata.outputs).toEqual([
      { name: 'where', datatype: 'INT32', shape: [-1, 1] },
      { name: 'values', datatype: 'FP32', shape: [-1] },
    ]);
    const found = (await infer(app, ofX([0, 5, 0, 0, 7, 8, 0, 0]))).json().outputs;
    expect(found).toMatchObject([
      { shape: [3, 1], data: [1, 4, 5] },
      { shape: [3], data: [5, 7, 8] },
    ]);
    const none = (await infer(app, ofX(new Array(8).fill(0)))).json().outputs;
    expect(none).toMatchObject([
      { shape: [0, 1], data: [] },
      { shape: [0], data: [] },
    ]);
    await app.close();
  });

  it('are not batched, and concurrent requests each get their own', async () => {
    const { app } = await serve(placesGraph(), ['where']);
    const answers = await Promise.all(
      [1, 2, 8].map((count) => infer(app, ofX(Array.from({ length: 8 }, (_, i) => (i < count ? 1 : 0))))),
    );
    expect(answers.map((answer) => answer.json().outputs[0].shape)).toEqual([
      [1, 1],
      [2, 1],
      [8, 1],
    ]);
    await app.close();
  });
});

describe('a batch that the model fixes', () => {
  it('is in the metadata, and another one is refused', async () => {
    const { app, metadata } = await serve(integers(2), ['twice']);
    expect(metadata.inputs[0].shape).toEqual([2, 3]);
    const good = await infer(app, ofIds([1, 2, 3, 4, 5, 6], [2, 3]));
    expect(good.json().outputs).toEqual([
      { name: 'twice', shape: [2, 3], datatype: 'INT32', data: [2, 4, 6, 8, 10, 12] },
    ]);
    const bad = await infer(app, ofIds([1, 2, 3], [1, 3]));
    expect([bad.statusCode, bad.json().error]).toEqual([400, expect.stringContaining('expected [2, 3]')]);
    await app.close();
  });

  it('cannot be merged', async () => {
    const session = await compile(integers(2).artifacts(['twice']));
    await expect(serving({ models: { m: { session, maxBatch: 4 } } })).rejects.toThrow(/with an open batch/);
  });
});

describe('integers', () => {
  it('come and go as INT32, merged where the batch is open', async () => {
    const { app, session } = await serve(integers(-1), ['twice']);
    const answers = await Promise.all([1, 2, 3].map((first) => infer(app, ofIds([first, 10, -10], [1, 3]))));
    for (const [i, answer] of answers.entries())
      expect(answer.json().outputs[0]).toMatchObject({ shape: [1, 3], data: [2 * i + 2, 20, -20] });
    const many = await infer(app, ofIds([1, 2, 3, 4, 5, 6], [2, 3]));
    expect(many.json().outputs[0].data).toEqual(
      Array.from(session.run(Int32Array.of(1, 2, 3, 4, 5, 6)) as Int32Array),
    );
    const wrong = await infer(app, ofIds([1, 2, 0.5], [1, 3]));
    expect(wrong.statusCode).toBe(400);
    await app.close();
  });
});
