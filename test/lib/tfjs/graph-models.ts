import { tf } from '../pruning/backends.ts';
import { random } from './models.ts';

type Json = Record<string, unknown>;

interface Weight {
  name: string;
  shape: number[];
  values: Float32Array;
}

const float = { type: 'DT_FLOAT' };
const strings = (...list: string[]) => ({
  list: { s: list.map((text) => Buffer.from(text).toString('base64')) },
});

/** Random values of which a share of `density` is not zero. */
export function sparseWeight(name: string, shape: number[], density = 1): Weight {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = random.floats(size, 1 / Math.sqrt(shape[0]! * density));
  return { name, shape, values: values.map((value) => (random.next() < density ? value : 0)) };
}

/** What `_FusedMatMul` carries. */
export function fused(...ops: string[]): Json {
  return { fused_ops: strings(...ops), num_args: { i: '1' }, T: float };
}

/** A node of a graph. */
export function node(name: string, op: string, input: string[], attr: Json = {}): Json {
  return { name, op, input, attr };
}

/** A GraphModel with one input `x`, as the converter would write it. */
export async function graphModel(
  width: number,
  nodes: readonly Json[],
  weights: readonly Weight[],
  outputs: readonly string[],
): Promise<tf.GraphModel> {
  const tensorShape = { dim: [{ size: '-1' }, { size: String(width) }] };
  const constants = weights.map(({ name, shape }) =>
    node(name, 'Const', [], {
      dtype: float,
      value: {
        tensor: { dtype: 'DT_FLOAT', tensorShape: { dim: shape.map((size) => ({ size: String(size) })) } },
      },
    }),
  );
  const info = (name: string, shape: Json) => [
    name,
    { name: `${name}:0`, dtype: 'DT_FLOAT', tensorShape: shape },
  ];
  const bytes = Buffer.concat(weights.map(({ values }) => Buffer.from(values.buffer)));
  return tf.loadGraphModel(
    tf.io.fromMemory({
      format: 'graph-model',
      modelTopology: {
        node: [
          node('x', 'Placeholder', [], { dtype: float, shape: { shape: tensorShape } }),
          ...constants,
          ...nodes,
        ],
        versions: { producer: 1 },
        library: {},
      },
      signature: {
        inputs: Object.fromEntries([info('x', tensorShape)]),
        outputs: Object.fromEntries(outputs.map((name) => info(name, { dim: [{ size: '-1' }] }))),
      },
      weightSpecs: weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' as const })),
      weightData: new Uint8Array(bytes).buffer,
    }),
  );
}
