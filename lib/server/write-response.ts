import { SparseError } from '../errors.ts';
import { shapeOfValues, type TensorInfo } from '../session/ports.ts';
import { datatypeOf, type ResponseOutput } from './protocol.ts';

/**
 * One output as the protocol writes it.
 *
 * @param values - row-major; as many rows as the run gave
 * @throws {@link SparseError} `ERR_SPARSE_RESULT` for NaN or an infinity, which JSON has no words for
 */
export function writeOutput(port: TensorInfo, values: Float32Array | Int32Array): ResponseOutput {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    throw new SparseError(
      'ERR_SPARSE_RESULT',
      `infer: element ${at} of output "${port.name}" is ${values[at]}, expected a number that JSON can hold. Are the inputs in the range that the model was trained on?`,
      { tensor: port.name, expected: 'a finite number', received: values[at] },
    );
  }
  return {
    name: port.name,
    shape: shapeOfValues(port, values.length),
    datatype: datatypeOf(port),
    data: Array.from(values),
  };
}
