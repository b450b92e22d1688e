import { describe, expect, it } from 'vitest';
import type { SparseError, UnsupportedLayerError } from '../../../lib/errors.ts';
import { compile } from '../../../lib/session/compile.ts';
import { TestGraph } from '../../helpers/graph-model.ts';
import { layersArtifacts } from '../../helpers/layers-artifacts.ts';
import { Random } from '../../helpers/random.ts';
import { rejection } from '../../helpers/sessions.ts';

const large = 2 ** 31 - 1;

/** One layer on x; sizes that would take all memory must be refused before it is asked for. */
const layer = (className: string, shape: number[], config: object) =>
  layersArtifacts({ x: shape }, [{ className, name: 'y', config: { ...config }, inputs: ['x'] }], ['y']);

describe('sizes beyond all memory', () => {
  it.each([
    ['RepeatVector', [3], { n: large }],
    ['ZeroPadding1D', [3, 2], { padding: [large, 0] }],
    ['ZeroPadding2D', [3, 2, 1], { padding: large }],
    ['CategoryEncoding', [3], { num_tokens: large, output_mode: 'multi_hot' }],
  ])('of a %s are refused with its name', async (className, shape, config) => {
    const error = (await rejection(compile(layer(className, shape, config)))) as UnsupportedLayerError;
    expect(error.layers).toMatchObject([{ name: 'y', className }]);
    expect(error.layers[0]!.advice).toMatch(/entries along an axis|elements is larger/);
  });

  it.each([
    ['UpSampling2D', [4, 4, 4], { size: [65_536, 65_536] }],
    ['ReLU', [large, 1024], {}],
  ])('of a %s are refused as a plan', async (className, shape, config) => {
    const error = (await rejection(compile(layer(className, shape, config)))) as SparseError;
    expect(error.code).toMatch(/^ERR_SPARSE_(PLAN|UNSUPPORTED_LAYER)$/);
  });

  it('of a GraphModel are refused with the name of the node', async () => {
    const fill = new TestGraph(new Random(1));
    fill.input('x', [-1, 3]);
    fill.node('f', 'Fill', [fill.ints('s', [2 ** 30, 2 ** 30]), fill.floats('v', [])]);
    fill.node('y', 'AddV2', ['x', 'f']);
    const tile = new TestGraph(new Random(1));
    tile.node('y', 'Tile', [tile.input('x', [-1, 3]), tile.ints('s', [1, large])]);
    const range = new TestGraph(new Random(1));
    range.input('x', [-1, 3]);
    range.node('r', 'Range', [
      range.ints('a', [0], []),
      range.ints('b', [large], []),
      range.ints('c', [1], []),
    ]);
    range.node('y', 'Cast', ['r']);
    for (const [graph, name] of [
      [fill, 'f'],
      [tile, 'y'],
      [range, 'r'],
    ] as const) {
      const error = (await rejection(compile(graph.artifacts(['y'])))) as UnsupportedLayerError;
      expect(
        error.layers?.map((one) => one.name),
        name,
      ).toEqual([name]);
    }
  });
});

describe('inputs and outputs of a functional model', () => {
  const model = () => layer('ReLU', [3], {});
  const edited = (change: (config: Record<string, unknown[]>) => void) => {
    const artifacts = structuredClone(model()) as {
      modelTopology: { model_config: { config: Record<string, unknown[]> } };
    };
    change(artifacts.modelTopology.model_config.config);
    return artifacts as object;
  };

  it.each<[string, (config: Record<string, unknown[]>) => void, RegExp]>([
    ['an input twice', (config) => config.input_layers!.push(['x', 0, 0]), /each input once/],
    [
      'no input',
      (config) => config.input_layers!.pop(),
      /every InputLayer that is read in input_layers, received "x"/,
    ],
    ['no output', (config) => config.output_layers!.pop(), /at least one output/],
  ])('%s is refused', async (_, change, message) => {
    const error = (await rejection(compile(edited(change)))) as SparseError;
    expect(error).toMatchObject({ code: 'ERR_SPARSE_MODEL' });
    expect(error.message).toMatch(message);
  });

  it('an output may be listed twice, and be an input', async () => {
    const session = await compile(edited((config) => config.output_layers!.push(['y', 0, 0], ['x', 0, 0])));
    expect(session.outputs.map(({ name }) => name)).toEqual(['y', 'y_1', 'x']);
    const results = session.run({ x: Float32Array.of(-1, 2, -3) });
    expect(results).toEqual({
      y: Float32Array.of(0, 2, 0),
      y_1: Float32Array.of(0, 2, 0),
      x: Float32Array.of(-1, 2, -3),
    });
  });
});
