import { SparseError, shown } from '../errors.ts';
import { UnsupportedFeature } from './unsupported-feature.ts';

/** Who wrote the topology. Keras 3 gave some attributes another meaning. */
export type Dialect = 'tfjs' | 'keras2' | 'keras3';

/**
 * The configuration of one layer, read by attribute. Attributes are asked for in camelCase whatever the file
 * has; a missing (or null) attribute takes the default that is given.
 */
export class LayerConfig {
  readonly layer: string;
  readonly className: string;
  readonly dialect: Dialect;
  private readonly entries: ReadonlyMap<string, unknown>;

  /** @param config - the `config` object of a topology, keys in snake_case or camelCase */
  constructor(layer: string, className: string, config: Readonly<Record<string, unknown>>, dialect: Dialect) {
    this.layer = layer;
    this.className = className;
    this.dialect = dialect;
    this.entries = new Map(Object.entries(config).map(([key, value]) => [camelCase(key), value]));
  }

  /** The attribute as it stands, `undefined` when it is missing or null. */
  get(key: string): unknown {
    return this.entries.get(key) ?? undefined;
  }

  /** Whether the attribute is there, be it null. */
  has(key: string): boolean {
    return this.entries.has(key);
  }

  /** A layer or cell inside this one, written as `{class_name, config}`; with `index` one of a list. */
  nested(key: string, index?: number): LayerConfig {
    const value = index === undefined ? this.get(key) : (this.get(key) as readonly unknown[])[index];
    const { class_name, className = class_name, config } = (value ?? {}) as Record<string, unknown>;
    if (typeof className !== 'string' || typeof config !== 'object' || config === null) {
      throw this.wrong(key, 'a layer with a class_name and a config', value);
    }
    const { name } = config as Record<string, unknown>;
    const own = typeof name === 'string' ? name : this.layer;
    return new LayerConfig(own, className, config as Record<string, unknown>, this.dialect);
  }

  boolean(key: string, missing: boolean): boolean {
    const value = this.get(key) ?? missing;
    if (typeof value !== 'boolean') throw this.wrong(key, 'true or false', value);
    return value;
  }

  /** A finite number; without `missing` the attribute must be there. */
  number(key: string, missing?: number): number {
    const value = this.get(key) ?? missing;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.wrong(key, 'a number', value);
    return value;
  }

  positiveInteger(key: string, missing?: number): number {
    const value = this.get(key) ?? missing;
    if (!isPositiveInteger(value)) throw this.wrong(key, 'a positive integer', value);
    return value;
  }

  string(key: string, missing: string): string {
    const value = this.get(key) ?? missing;
    if (typeof value !== 'string') throw this.wrong(key, 'a string', value);
    return value;
  }

  /** `[height, width]`; one number stands for both. */
  pair(key: string, missing?: readonly [number, number]): [number, number] {
    const value = this.get(key) ?? missing;
    if (isPositiveInteger(value)) return [value, value];
    if (Array.isArray(value)) {
      const [height, width] = value.length === 1 ? [value[0], value[0]] : value;
      if (value.length <= 2 && isPositiveInteger(height) && isPositiveInteger(width)) return [height, width];
    }
    throw this.wrong(key, 'one or two positive integers', value);
  }

  /** One positive integer; a list of one is one. */
  single(key: string, missing?: number): number {
    const value = this.get(key) ?? missing;
    const size: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
    if (!isPositiveInteger(size)) throw this.wrong(key, 'one positive integer', value);
    return size;
  }

  /**
   * What lies before and behind along each of `axes` axes: `[[top, bottom], [left, right]]`. One number stands for all
   * four, one for each axis for both of its ends.
   */
  margins(key: string, axes: 1 | 2, missing: number): [number, number][] {
    const value = this.get(key) ?? missing;
    // Of one axis the pair may stand alone.
    const list = Array.isArray(value)
      ? axes === 1 && value.length === 2
        ? [value]
        : value
      : new Array(axes).fill(value);
    const pairs = list.map((ends: unknown) => (Array.isArray(ends) ? ends : [ends, ends]));
    const isEnd = (end: unknown) =>
      Number.isInteger(end) && (end as number) >= 0 && (end as number) <= 0x7fffffff;
    if (pairs.length !== axes || !pairs.every((pair) => pair.length === 2 && pair.every(isEnd)))
      throw this.wrong(
        key,
        `${axes === 1 ? 'one or two' : 'one, two or two pairs of'} integers from 0`,
        value,
      );
    return pairs as [number, number][];
  }

  /** `axis`, the batch counted; a list of one is one. */
  axis(missing: number): number {
    const value = this.get('axis') ?? missing;
    const axis: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
    if (typeof axis !== 'number' || !Number.isInteger(axis)) throw this.wrong('axis', 'one axis', value);
    return axis;
  }

  /** `padding`: 'same' or 'valid', or another of `more`. */
  padding<More extends string = never>(...more: More[]): 'same' | 'valid' | More {
    const value = this.string('padding', 'valid').toLowerCase();
    const known = ['same' as const, 'valid' as const, ...more].find((name) => name === value);
    if (known === undefined) {
      throw new UnsupportedFeature(`padding "${value}" is not compiled; use "same" or "valid"`);
    }
    return known;
  }

  /** Refuses `channelsFirst`: plans are made for channels-last models. */
  requireChannelsLast(): void {
    const value = camelCase(this.string('dataFormat', 'channelsLast'));
    if (value !== 'channelsLast') {
      throw new UnsupportedFeature(
        'dataFormat "channelsFirst" is not compiled; rebuild the model with "channelsLast"',
      );
    }
  }

  /** An error for an attribute that makes no sense. */
  wrong(key: string, expected: string, received: unknown): SparseError {
    return new SparseError(
      'ERR_SPARSE_MODEL',
      `compile: ${key} of ${this.className} "${this.layer}": expected ${expected}, received ${shown(received)}. Was the topology edited by hand?`,
      { layer: this.layer, tensor: key, expected, received },
    );
  }
}

/** `batch_input_shape` -> `batchInputShape`. */
export function camelCase(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function isPositiveInteger(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 0x7fffffff;
}
