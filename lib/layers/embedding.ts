import { onlyTensor } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { maskOf } from './mask.ts';
import { combine } from './ops/binary.ts';
import { castTo } from './ops/cast.ts';
import { constant } from './ops/graph-tensor.ts';

/**
 * A row of the table for each index. Indices are int32, or float32 without their fraction. With `maskZero` the inputs
 * that are 0 are masked. An index outside the table gives zeros, where TensorFlow on a CPU raises an error.
 */
export const embedding: LayerType = {
  classNames: ['Embedding'],
  prunable: ['embeddings'],
  takesIntegers: true,
  wholeModelOnly: true,
  lower: (config) => {
    const rows = config.positiveInteger('inputDim');
    const features = config.positiveInteger('outputDim');
    const maskZero = config.boolean('maskZero', false);
    return (call) => {
      const { op } = call;
      const input = onlyTensor(call);
      const table = constant('float32', [rows, features], call.weight('embeddings', [rows, features]));
      const indices = castTo(op, input, 'int32');
      const result = [...op.shapeIn(indices), features];
      if (maskZero) {
        const zero =
          input.dtype === 'float32'
            ? constant('float32', [], Float32Array.of(0))
            : constant('int32', [], Int32Array.of(0));
        call.maskOutput(maskOf(call, combine(op, 'notEqual', input, zero)));
      }
      const gathered = op.array({ op: 'gather', axis: 0, along: false }, [table, indices], result, 'float32');
      return [op.portId(gathered)];
    };
  },
};
