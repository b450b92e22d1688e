import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SparseError } from '../../../lib/errors.ts';
import { decodeSafetensors } from '../../../lib/io/decode-safetensors.ts';
import { encodeSafetensors } from '../../../lib/io/encode-safetensors.ts';
import {
  bytesPerElement,
  type SafetensorsDtype,
  type SafetensorsEntry,
} from '../../../lib/io/safetensors.ts';

const encode = (tensors: readonly SafetensorsEntry[], metadata = {}) =>
  Buffer.concat(encodeSafetensors({ tensors, metadata }));

/** A file with this header and so many bytes behind it. */
function fileOf(header: unknown, dataBytes: number): Uint8Array {
  const json = typeof header === 'string' ? header : JSON.stringify(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(json)));
  return Buffer.concat([length, Buffer.from(json), Buffer.alloc(dataBytes)]);
}

const f32 = (offsets: unknown, shape: unknown = [1]) => ({ dtype: 'F32', shape, data_offsets: offsets });

describe('safetensors', () => {
  it('gives back what was written, whatever the names, dtypes and shapes', () => {
    const dtypes = Object.keys(bytesPerElement) as SafetensorsDtype[];
    const tensor = fc
      .tuple(fc.string(), fc.constantFrom(...dtypes), fc.array(fc.nat(4), { maxLength: 3 }))
      .map(([name, dtype, shape]): SafetensorsEntry => {
        const size = shape.reduce((a, b) => a * b, 1) * bytesPerElement[dtype];
        return { name, dtype, shape, bytes: Uint8Array.from({ length: size }, (_, i) => i * 37) };
      })
      .filter(({ name }) => name !== '__metadata__');
    const tensors = fc.uniqueArray(tensor, { selector: ({ name }) => name });
    fc.assert(
      fc.property(tensors, fc.dictionary(fc.string(), fc.string()), (list, metadata) => {
        const read = decodeSafetensors(encode(list, metadata), 'file');
        expect(Object.entries(read.metadata)).toEqual(Object.entries(metadata));
        const byName = (a: SafetensorsEntry, b: SafetensorsEntry) => (a.name < b.name ? -1 : 1);
        const plain = read.tensors.map((entry) => ({ ...entry, bytes: Uint8Array.from(entry.bytes) }));
        expect(plain.sort(byName)).toEqual([...list].sort(byName));
      }),
    );
  });

  it('begins its tensors on a multiple of 64 bytes', () => {
    const bytes = encode([{ name: 'a', dtype: 'F32', shape: [1], bytes: new Uint8Array(4) }]);
    expect((bytes.readBigUInt64LE(0) + 8n) % 64n).toBe(0n);
    expect(bytes.length % 64).toBe(4);
  });

  it('writes no tensor twice, none of a wrong size, and none in the place of the metadata', () => {
    const good: SafetensorsEntry = { name: 'a', dtype: 'F32', shape: [1], bytes: new Uint8Array(4) };
    for (const list of [
      [good, good],
      [{ ...good, bytes: new Uint8Array(3) }],
      [{ ...good, name: '__metadata__' }],
    ]) {
      expect(() => encode(list)).toThrow(expect.objectContaining({ code: 'ERR_SPARSE_ARGUMENT' }));
    }
  });

  it.each<[string, Uint8Array]>([
    ['empty', new Uint8Array(0)],
    ['shorter than a length', new Uint8Array(7)],
    ['cut inside the header', fileOf({ a: f32([0, 4]) }, 4).subarray(0, 20)],
    ['cut inside the data', fileOf({ a: f32([0, 4]) }, 3)],
    ['longer than its tensors', fileOf({ a: f32([0, 4]) }, 5)],
    ['with a header of 2^63 bytes', Buffer.from('000000000000008041', 'hex')],
    ['with a header of no bytes', new Uint8Array(16)],
    ['with a header that is no JSON', fileOf('{a}', 0)],
    ['with a header that is no UTF-8', fileOf('{"\xff', 0).map((byte, i) => (i > 9 ? 0xff : byte))],
    ['with a header that is a list', fileOf([], 0)],
    ['with a space before the brace', fileOf(' {}', 0)],
    ['with metadata that are no strings', fileOf({ __metadata__: { a: 1 } }, 0)],
    ['with a tensor that is no object', fileOf({ a: 7 }, 0)],
    ['with an unknown dtype', fileOf({ a: { ...f32([0, 4]), dtype: 'F31' } }, 4)],
    ['with a dtype from the prototype', fileOf({ a: { ...f32([0, 4]), dtype: 'toString' } }, 4)],
    ['with offsets that fall', fileOf({ a: f32([4, 0]) }, 4)],
    ['with offsets outside', fileOf({ a: f32([0, 400], [100]) }, 4)],
    ['with negative offsets', fileOf({ a: f32([-4, 0]) }, 4)],
    ['with offsets that are no integers', fileOf({ a: f32([0, 4.5]) }, 4)],
    ['with one offset', fileOf({ a: f32([0]) }, 4)],
    ['with a shape that does not fit', fileOf({ a: f32([0, 4], [2]) }, 4)],
    ['with a negative shape', fileOf({ a: f32([0, 4], [-1]) }, 4)],
    ['with a shape beyond all numbers', fileOf({ a: f32([0, 4], [2 ** 53, 2 ** 53]) }, 4)],
    ['with overlapping tensors', fileOf({ a: f32([0, 4]), b: f32([0, 4]) }, 4)],
    ['with tensors that share bytes', fileOf({ a: f32([0, 8], [2]), b: f32([4, 12], [2]) }, 12)],
    ['with a hole', fileOf({ a: f32([0, 4]), b: f32([8, 12]) }, 12)],
    ['with a hole in front', fileOf({ a: f32([4, 8]) }, 8)],
  ])('refuses a file that is %s', (_, bytes) => {
    expect(() => decodeSafetensors(bytes, 'bad.safetensors')).toThrow(
      expect.objectContaining({
        code: 'ERR_SPARSE_FILE',
        message: expect.stringMatching(/^bad\.safetensors: /),
      }),
    );
  });

  it('gives a SparseError or a result for any bytes, and for any flipped byte of a good file', () => {
    const read = (bytes: Uint8Array) => {
      try {
        decodeSafetensors(bytes, 'file');
      } catch (error) {
        expect(error).toBeInstanceOf(SparseError);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), read));
    const good = encode([{ name: 'a', dtype: 'F32', shape: [2], bytes: new Uint8Array(8) }], {
      key: 'value',
    });
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Uint8Array.from(good);
        bytes[at] = byte;
        read(bytes);
      }),
    );
  });
});
