/** A tensor of a vector file: float32, row-major. */
export interface VectorTensor {
  shape: number[];
  data: Float32Array;
}

const words: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-0': -0,
};

/** A number, or the word that stands for one that JSON cannot hold. */
export function decodeNumber(value: unknown, where: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string' && value in words) return words[value]!;
  throw new Error(`${where}: not a number: ${JSON.stringify(value)}`);
}

function readTensor(fields: Fields): VectorTensor {
  const shape = fields.numbers('shape');
  const data = Float32Array.from(fields.numbers('data'));
  const size = shape.reduce((product, length) => product * length, 1);
  if (data.length !== size) throw new Error(`${fields.path}: ${data.length} values for shape [${shape}]`);
  return { shape, data };
}

/**
 * An object of a vector file, read field by field. What nobody has read in the end is not understood, and fails: a
 * vector must not hold a fact that goes unchecked.
 */
export class Fields {
  readonly path: string;
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();
  readonly #children: Fields[] = [];

  constructor(object: unknown, path: string) {
    if (typeof object !== 'object' || object === null || Array.isArray(object)) {
      throw new Error(`${path}: expected an object`);
    }
    this.#object = object as Record<string, unknown>;
    this.path = path;
  }

  has(key: string): boolean {
    return key in this.#object;
  }

  keys(): string[] {
    return Object.keys(this.#object);
  }

  /** Any value; the key must be there. */
  take(key: string): unknown {
    if (!this.has(key)) throw new Error(`${this.path}: key "${key}" is missing`);
    this.#read.add(key);
    return this.#object[key];
  }

  /** Any value, or `undefined`. */
  maybe(key: string): unknown {
    return this.has(key) ? this.take(key) : undefined;
  }

  number(key: string): number {
    return decodeNumber(this.take(key), `${this.path}.${key}`);
  }

  string(key: string): string {
    const value = this.take(key);
    if (typeof value !== 'string') throw new Error(`${this.path}.${key}: not a string`);
    return value;
  }

  boolean(key: string): boolean {
    const value = this.take(key);
    if (typeof value !== 'boolean') throw new Error(`${this.path}.${key}: not a boolean`);
    return value;
  }

  list(key: string): unknown[] {
    const value = this.take(key);
    if (!Array.isArray(value)) throw new Error(`${this.path}.${key}: not a list`);
    return value;
  }

  numbers(key: string): number[] {
    return this.list(key).map((value, i) => decodeNumber(value, `${this.path}.${key}[${i}]`));
  }

  object(key: string): Fields {
    const child = new Fields(this.take(key), `${this.path}.${key}`);
    this.#children.push(child);
    return child;
  }

  objects(key: string): Fields[] {
    const children = this.list(key).map((value, i) => new Fields(value, `${this.path}.${key}[${i}]`));
    this.#children.push(...children);
    return children;
  }

  /** Numbers in the order of their keys, by key. */
  table(key: string): Record<string, number> {
    const fields = this.object(key);
    return Object.fromEntries(fields.keys().map((name) => [name, fields.number(name)]));
  }

  tensor(key: string): VectorTensor {
    return readTensor(this.object(key));
  }

  tensors(key: string): VectorTensor[] {
    return this.objects(key).map(readTensor);
  }

  /** Keys that nobody has read. */
  unread(): string[] {
    return this.keys().filter((key) => !this.#read.has(key));
  }

  /** Fails when a key was never read, here or below. */
  finish(): void {
    const unread = this.unread();
    if (unread.length > 0) throw new Error(`${this.path}: not understood: ${unread.join(', ')}`);
    for (const child of this.#children) child.finish();
  }
}
