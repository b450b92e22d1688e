import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { brotliCompress, constants, deflateRaw, gzip } from 'node:zlib';
import yazl from 'yazl';

/** DEFLATE level of every figure here: the default of zip tools and of Python's zlib. */
const level = 6;

/** A file to pack. */
export interface NamedFile {
  /** Path inside the archive. */ name: string;
  data: Uint8Array;
}

/** Bytes of some files, raw and packed. */
export interface CompressedSizes {
  /** Sum of the files. */ rawBytes: number;
  /** One .zip archive of all files, headers included. */ zipBytes: number;
  /** Each file gzipped on its own, level 6, summed, as a web server would send them. */ gzipBytes: number;
  /** Each file brotli-compressed on its own at quality 11, summed. */ brotliBytes: number;
}

/** A .zip archive of the files, DEFLATE level 6. The same files give the same bytes. */
export async function zipFiles(files: readonly NamedFile[]): Promise<Uint8Array> {
  const zip = new yazl.ZipFile();
  for (const { name, data } of files) {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    // A fixed time, in DOS form only, keeps the archive reproducible and free of extra fields.
    zip.addBuffer(bytes, name, {
      compress: true,
      compressionLevel: level,
      mtime: new Date(1980, 0, 1),
      forceDosTimestamp: true,
    });
  }
  zip.end();
  return buffer(zip.outputStream as NodeJS.ReadableStream);
}

/** Bytes of the data as a bare DEFLATE stream of level 6. */
export async function deflatedBytes(data: Uint8Array): Promise<number> {
  return (await promisify(deflateRaw)(data, { level })).byteLength;
}

/** Sizes of some files by every packer of the size report. */
export async function compressedSizes(files: readonly NamedFile[]): Promise<CompressedSizes> {
  const sum = async (pack: (data: Uint8Array) => Promise<Uint8Array>) => {
    const packed = await Promise.all(files.map(({ data }) => pack(data)));
    return packed.reduce((total, { byteLength }) => total + byteLength, 0);
  };
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  return {
    rawBytes: files.reduce((total, { data }) => total + data.byteLength, 0),
    zipBytes: (await zipFiles(files)).byteLength,
    gzipBytes: await sum((data) => promisify(gzip)(data, { level })),
    brotliBytes: await sum((data) => promisify(brotliCompress)(data, brotli)),
  };
}
