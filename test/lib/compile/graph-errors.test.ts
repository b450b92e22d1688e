import { describe, expect, it } from 'vitest';
import { type SparseError, UnsupportedLayerError } from '../../../lib/errors.ts';
import type { ArtifactsLike } from '../../../lib/io/model-source.ts';
import { compile } from '../../../lib/session/compile.ts';
import { attr, TestGraph } from '../../helpers/graph-model.ts';
import { Random } from '../../helpers/random.ts';
import { rejection } from '../../helpers/sessions.ts';

const errorOf = async (artifacts: ArtifactsLike) => (await rejection(compile(artifacts))) as SparseError;

/** A graph of one dense layer, and what a test changes in it. */
function small(change: (graph: TestGraph) => void = () => undefined): TestGraph {
  const graph = new TestGraph(new Random());
  graph.input('x', [-1, 3]);
  graph.floats('w', [3, 2]);
  change(graph);
  return graph;
}

const product = (graph: TestGraph) =>
  void graph.node('y', 'MatMul', ['x', 'w'], {
    transpose_a: attr.boolean(false),
    transpose_b: attr.boolean(false),
  });

describe('compile refuses a GraphModel', () => {
  it('without outputs', async () => {
    const error = await errorOf({ modelTopology: { node: [] }, weightSpecs: [] });
    expect(error).toMatchObject({ code: 'ERR_SPARSE_MODEL', received: 'none' });
  });

  it('with a cycle', async () => {
    const graph = small((g) => {
      g.node('a', 'AddV2', ['x', 'b']);
      g.node('b', 'Relu', ['a']);
    });
    const error = await errorOf(graph.artifacts(['b']));
    expect(error).toMatchObject({ code: 'ERR_SPARSE_MODEL' });
    expect(error.message).toMatch(/has a cycle: node "[ab]"/);
  });

  it('whose output would be empty: the shape of a scalar', async () => {
    const graph = new TestGraph(new Random());
    graph.node('y', 'Shape', [graph.input('x', [])]);
    const error = await errorOf(graph.artifacts(['y']));
    expect(error).toBeInstanceOf(UnsupportedLayerError);
    expect(error.message).toMatch(/its result is empty/);
  });

  it('that reads a node it does not have, or an output that a node does not make', async () => {
    const lost = await errorOf(small((g) => g.node('y', 'Relu', ['gone'])).artifacts(['y']));
    expect(lost.message).toMatch(/inputs that are nodes of the graph, received "gone"/);
    const second = await errorOf(small((g) => g.node('y', 'Relu', ['x:1'])).artifacts(['y']));
    expect(second.message).toMatch(/reads output 1 of node "x", which has 1/);
  });

  it('with two nodes of a name, or a node without an op', async () => {
    const twice = await errorOf(small((g) => g.node('x', 'Relu', ['w'])).artifacts(['x']));
    expect(twice.message).toMatch(/nodes with names of their own, received "x"/);
    const nameless = await errorOf({ modelTopology: { node: [{ name: 'x' }] } });
    expect(nameless.message).toMatch(/a name and an op/);
  });

  it('whose weights are missing or of the wrong length', async () => {
    const artifacts = small(product).artifacts(['y']);
    const missing = await errorOf({ ...artifacts, weightSpecs: [], weightData: new ArrayBuffer(0) });
    expect(missing).toMatchObject({ code: 'ERR_SPARSE_MODEL', tensor: 'w' });
    const short = await errorOf({ ...artifacts, weightData: new ArrayBuffer(20) });
    expect(short).toMatchObject({ code: 'ERR_SPARSE_MODEL', tensor: 'w', expected: 24, received: 20 });
  });

  it('whose weight does not fit its input', async () => {
    const graph = small((g) => {
      g.floats('v', [4, 2]);
      g.node('y', 'MatMul', ['x', 'v']);
    });
    expect(await errorOf(graph.artifacts(['y']))).toMatchObject({ code: 'ERR_SPARSE_SHAPE', layer: 'y' });
  });

  it('whose input has more unknown axes than the batch', async () => {
    const graph = new TestGraph(new Random());
    graph.node('y', 'Relu', [graph.input('x', [-1, -1, 3])]);
    const error = await errorOf(graph.artifacts(['y']));
    expect(error).toMatchObject({ code: 'ERR_SPARSE_MODEL', layer: 'x' });
    expect(error.message).toMatch(/only the batch may be unknown/);
  });

  it('naming every operation that has no native step at once', async () => {
    const graph = small((g) => {
      g.node('u', 'Unique', ['x']);
      g.node('loop', 'Enter', ['x']);
      g.node('y', 'AddV2', ['u', 'loop']);
    });
    const error = await errorOf(graph.artifacts(['y']));
    expect(error).toBeInstanceOf(UnsupportedLayerError);
    expect((error as UnsupportedLayerError).layers.map(({ className }) => className)).toEqual([
      'Unique',
      'Enter',
    ]);
  });

  it('when an output is asked for that it does not have', async () => {
    const error = await rejection(compile(small(product).artifacts(['y']), { outputs: ['z'] }));
    expect(error).toMatchObject({ code: 'ERR_SPARSE_OPTION', expected: ['y'], received: 'z' });
  });
});

describe('a session of a GraphModel', () => {
  it('gives any node that is asked for by name', async () => {
    const graph = small((g) => {
      product(g);
      g.node('z', 'Relu', ['y']);
    });
    const session = await compile(graph.artifacts(['z']), { outputs: ['y', 'z'] });
    const { y, z } = session.run({ x: Float32Array.of(1, -2, 3) });
    expect([...z!]).toEqual([...y!].map((value) => Math.max(value, 0)));
  });

  it('refuses another batch than the one that the signature fixes', async () => {
    const graph = new TestGraph(new Random());
    graph.node('y', 'Relu', [graph.input('x', [2, 3])]);
    const session = await compile(graph.artifacts(['y']));
    expect(session.inputs).toMatchObject([{ name: 'x', shape: [2, 3] }]);
    expect(session.run(new Float32Array(6)).length).toBe(6);
    for (const length of [3, 12, 7, 0]) {
      const run = () => session.run(new Float32Array(length));
      expect(run).toThrow(
        expect.objectContaining({ code: 'ERR_SPARSE_SHAPE', expected: 6, received: length }),
      );
    }
  });

  it('takes integers where the model does, and gives them', async () => {
    const graph = new TestGraph(new Random());
    const x = graph.input('x', [-1, 3], 'int32');
    graph.node('y', 'Mul', [x, graph.ints('k', [2, 3, 4])], { T: attr.type('int32') });
    const session = await compile(graph.artifacts(['y']));
    expect(session.outputs).toMatchObject([{ name: 'y', shape: [null, 3], dtype: 'int32' }]);
    const doubled = Int32Array.of(2, 6, 12, 8, 15, 24);
    expect(session.run(Int32Array.of(1, 2, 3, 4, 5, 6))).toEqual(doubled);
    expect(await session.runAsync(Int32Array.of(1, 2, 3, 4, 5, 6))).toEqual(doubled);
    const out = new Int32Array(6);
    expect(session.run(Int32Array.of(1, 2, 3, 4, 5, 6), { out })).toBe(out);
    expect(() => session.run(new Float32Array(3))).toThrow(
      expect.objectContaining({ code: 'ERR_SPARSE_DTYPE' }),
    );
    expect(() => session.run(Int32Array.of(1, 2, 3), { out: new Float32Array(3) })).toThrow(
      expect.objectContaining({ code: 'ERR_SPARSE_DTYPE' }),
    );
  });
});
