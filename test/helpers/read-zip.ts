import { crc32, inflateRawSync } from 'node:zlib';

export interface ZipEntry {
  name: string;
  /** 0 stored, 8 DEFLATE. */
  method: number;
  compressedBytes: number;
  data: Buffer;
}

/**
 * Unpacks a .zip archive by its central directory: a second implementation, to judge what the packer made. Throws
 * at anything out of place: a wrong checksum, bytes between the parts, a comment.
 */
export function readZip(bytes: Buffer): ZipEntry[] {
  const end = bytes.length - 22;
  if (bytes.readUInt32LE(end) !== 0x06054b50) throw new Error('no end of central directory');
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  let expectedOffset = 0;
  const entries: ZipEntry[] = [];
  for (let i = 0; i < count; i++) {
    if (bytes.readUInt32LE(at) !== 0x02014b50) throw new Error(`no directory entry at ${at}`);
    const method = bytes.readUInt16LE(at + 10);
    const checksum = bytes.readUInt32LE(at + 16);
    const compressedBytes = bytes.readUInt32LE(at + 20);
    const size = bytes.readUInt32LE(at + 24);
    const nameLength = bytes.readUInt16LE(at + 28);
    const extraLength = bytes.readUInt16LE(at + 30);
    const offset = bytes.readUInt32LE(at + 42);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    if (offset !== expectedOffset) throw new Error(`${name}: begins at ${offset}, not ${expectedOffset}`);
    if (bytes.readUInt32LE(offset) !== 0x04034b50) throw new Error(`${name}: no local header`);
    const start = offset + 30 + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
    const packed = bytes.subarray(start, start + compressedBytes);
    const data = method === 0 ? Buffer.from(packed) : inflateRawSync(packed);
    if (data.length !== size) throw new Error(`${name}: ${data.length} bytes, expected ${size}`);
    if (crc32(data) !== checksum) throw new Error(`${name}: wrong checksum`);
    entries.push({ name, method, compressedBytes, data });
    expectedOffset = start + compressedBytes;
    at += 46 + nameLength + extraLength;
  }
  if (at !== end) throw new Error('bytes after the central directory');
  return entries;
}
