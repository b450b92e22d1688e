import { SparseError, shown } from '../../errors.ts';
import type { ValueDtype } from '../../plan/plan.ts';
import { UnsupportedFeature } from '../unsupported-feature.ts';

type Json = Readonly<Record<string, unknown>>;

/** The attributes of a GraphModel's node, as TensorFlow's protobuf looks in JSON: integers are strings, strings base64. */
export class NodeAttributes {
  private readonly node: string;
  private readonly attr: Json;

  constructor(node: string, attr: unknown) {
    this.node = node;
    this.attr = isRecord(attr) ? attr : {};
  }

  integer(name: string, missing?: number): number {
    const value = this.field(name, 'i');
    return value === undefined ? this.missing(name, missing) : this.toInteger(name, value);
  }

  number(name: string, missing?: number): number {
    const value = this.field(name, 'f');
    if (value === undefined) return this.missing(name, missing);
    // JSON has no infinities: protobuf writes them as strings.
    const number = typeof value === 'string' ? Number(value) : value;
    if (typeof number !== 'number' || Number.isNaN(number)) throw this.wrong(name, 'a number', value);
    return number;
  }

  boolean(name: string, missing: boolean): boolean {
    const value = this.field(name, 'b') ?? missing;
    if (typeof value !== 'boolean') throw this.wrong(name, 'true or false', value);
    return value;
  }

  string(name: string, missing: string): string {
    const value = this.field(name, 's');
    return value === undefined ? missing : this.toText(name, value);
  }

  integers(name: string): number[] {
    return this.list(name, 'i').map((value) => this.toInteger(name, value));
  }

  strings(name: string): string[] {
    return this.list(name, 's').map((value) => this.toText(name, value));
  }

  /** A type such as `T`; float16 and 64-bit types are those that TF.js computes in. */
  dtype(name: string, missing?: ValueDtype): ValueDtype {
    const value = this.field(name, 'type') ?? missing;
    const dtype = dtypeOf(value);
    if (!dtype) throw new UnsupportedFeature(`elements of type ${shown(value)} are not compiled`);
    return dtype;
  }

  /** A shape, -1 where it is unknown; `undefined` when it is missing or its rank is unknown. */
  shape(name: string): number[] | undefined {
    return shapeOf(this.field(name, 'shape'));
  }

  private field(name: string, kind: string): unknown {
    const entry = this.attr[name];
    return isRecord(entry) ? (entry[kind] ?? undefined) : undefined;
  }

  private list(name: string, kind: string): unknown[] {
    const list = this.field(name, 'list');
    const values = isRecord(list) ? (list[kind] ?? []) : [];
    if (!Array.isArray(values)) throw this.wrong(name, 'a list', values);
    return values;
  }

  private toInteger(name: string, value: unknown): number {
    const number = typeof value === 'string' && value !== '' ? Number(value) : value;
    if (!Number.isSafeInteger(number)) throw this.wrong(name, 'an integer', value);
    return number as number;
  }

  private toText(name: string, value: unknown): string {
    if (typeof value === 'string') return Buffer.from(value, 'base64').toString('utf8');
    // Models that were quantized in memory hold the bytes themselves.
    if (Array.isArray(value)) return Buffer.from(value as number[]).toString('utf8');
    throw this.wrong(name, 'a string', value);
  }

  private missing(name: string, value: number | undefined): number {
    if (value === undefined) throw this.wrong(name, 'a number', undefined);
    return value;
  }

  private wrong(name: string, expected: string, received: unknown): SparseError {
    return new SparseError(
      'ERR_SPARSE_MODEL',
      `compile: attribute ${name} of node "${this.node}": expected ${expected}, received ${shown(received)}. Was the graph edited by hand?`,
      { layer: this.node, tensor: name, expected, received },
    );
  }
}

/** TensorFlow's name of an element type (or its number) as a plan has it. */
export function dtypeOf(type: unknown): ValueDtype | undefined {
  switch (type) {
    case 'float32':
    case 'DT_FLOAT':
    case 'DT_HALF':
    case 'DT_DOUBLE':
    case 1:
      return 'float32';
    case 'int32':
    case 'DT_INT32':
    case 'DT_INT64':
    case 'DT_UINT8':
    case 'DT_INT8':
    case 3:
    case 4:
    case 9:
      return 'int32';
    case 'bool':
    case 'DT_BOOL':
    case 10:
      return 'bool';
    default:
      return undefined;
  }
}

/** A `shape` attribute or `tensorShape`: sizes as strings, -1 where unknown. */
export function shapeOf(value: unknown): number[] | undefined {
  if (!isRecord(value) || value.unknownRank === true) return undefined;
  const dim = value.dim ?? [];
  if (!Array.isArray(dim)) return undefined;
  return dim.map((axis) => {
    const size = isRecord(axis) ? Number(axis.size ?? -1) : Number.NaN;
    return Number.isSafeInteger(size) && size >= -1 ? size : -1;
  });
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
