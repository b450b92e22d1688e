import { SparseError } from '../errors.ts';
import type { ModelSource } from '../io/model-source.ts';
import { compile } from '../session/compile.ts';
import type { TensorInfo, Values } from '../session/ports.ts';
import { randomValues } from '../sparse/random.ts';

/** The shape of an input at a batch size; every other dimension must be known. */
export function shapeAt({ name, shape }: TensorInfo, batch: number): number[] {
  return shape.map((size, axis) => {
    if (size !== null) return size;
    if (axis === 0) return batch;
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `compare: input "${name}" has the shape [${shape.join(', ')}], expected sizes known beforehand after the batch. ` +
        'Give the model fixed input shapes.',
      { tensor: name, expected: 'known sizes', received: shape },
    );
  });
}

/** Random numbers in [0, 1); zeros for integers, which are indices more often than quantities. */
export function inputValues({ dtype }: TensorInfo, shape: readonly number[], seed: number): Values {
  const length = shape.reduce((a, b) => a * b, 1);
  if (dtype === 'float32') return randomValues(length, seed);
  return dtype === 'int32' ? new Int32Array(length) : new Uint8Array(length);
}

/** Names and shapes of a model's inputs. */
export async function readInputs(model: ModelSource): Promise<readonly TensorInfo[]> {
  const probe = await compile(model, { sparse: 'never' });
  const { inputs } = probe;
  probe.dispose();
  return inputs;
}
