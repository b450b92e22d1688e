/** A field of protocol buffers' wire format: a number, or bytes with their length. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return [...bytes, value];
}

const int = (field: number, value: number) => Buffer.from([...varint(field * 8), ...varint(value)]);

function bytes(field: number, value: string | Uint8Array): Buffer {
  const content = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(content.length)]), content]);
}

const message = (field: number, ...parts: Buffer[]) => bytes(field, Buffer.concat(parts));

const float32 = 1;

/** A float32 tensor [rows, columns] by name; the first size may be a word: any number. */
function valueInfo(field: number, name: string, rows: string, columns: number): Buffer {
  const shape = message(2, message(1, bytes(2, rows)), message(1, int(1, columns)));
  return message(field, bytes(1, name), message(2, message(1, int(1, float32), shape)));
}

/**
 * An ONNX model y[batch, outputs] = x[batch, inputs] · kernel: one MatMul with a constant weight, which engines pack
 * when they load it. Version 8 of the format, operator set 13.
 *
 * @param kernel - [inputs, outputs]
 * @see onnx.proto of the ONNX specification, for the numbers of the fields
 */
export function onnxMatmul(kernel: Float32Array, inputs: number, outputs: number): Buffer {
  const raw = new Uint8Array(kernel.buffer, kernel.byteOffset, kernel.byteLength);
  const node = message(
    1,
    bytes(1, 'x'),
    bytes(1, 'kernel'),
    bytes(2, 'y'),
    bytes(3, 'product'),
    bytes(4, 'MatMul'),
  );
  const initializer = message(
    5,
    int(1, inputs),
    int(1, outputs),
    int(2, float32),
    bytes(8, 'kernel'),
    bytes(9, raw),
  );
  const graph = message(
    7,
    node,
    bytes(2, 'product'),
    initializer,
    valueInfo(11, 'x', 'batch', inputs),
    valueInfo(12, 'y', 'batch', outputs),
  );
  return Buffer.concat([int(1, 8), graph, message(8, bytes(1, ''), int(2, 13))]);
}
