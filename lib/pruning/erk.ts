import { SparseError } from '../errors.ts';
import { checkFraction, checkOptions } from '../native/check.ts';
import { checkShape } from '../sparse/check-shape.ts';

/** Options of {@link erkSparsities}. */
export interface ErkOptions {
  /** Kernel sizes count too (ERK, default); false: only the last two axes, the inputs and outputs (ER). */ kernel?: boolean;
  /** Exponent of the raw densities; default 1. 0 gives all layers the same. */ power?: number;
  /** Names of weights that stay dense. */ dense?: readonly string[];
  /** Sparsities of weights that have their own; they are left out of the budget. */ custom?: Readonly<
    Record<string, number>
  >;
}

/** What {@link erkSparsities} found. */
export interface ErkSparsities {
  /** Density of a weight per unit of its raw density; 0 when every weight is dense or has its own sparsity. */ epsilon: number;
  /** Fraction of zeros, in [0, 1], by name. */ sparsities: Record<string, number>;
  /** Whole zeros, floor(sparsity · size), by name. */ zeros: Record<string, number>;
}

function rawDensity(shape: readonly number[], size: number, kernel: boolean, power: number): number {
  const sum = (axes: readonly number[]) => axes.reduce((total, axis) => total + axis, 0);
  if (kernel) return (sum(shape) / size) ** power;
  const [inputs = 1, outputs] = shape.slice(-2).length === 2 ? shape.slice(-2) : [1, ...shape];
  return ((inputs + outputs!) / (inputs * outputs!)) ** power;
}

function noRoom(sparsity: number, names: readonly string[]): SparseError {
  return new SparseError(
    'ERR_SPARSE_OPTION',
    `erkSparsities: the dense weights (${names.join(', ')}) are more than the ${1 - sparsity} of all that may be kept. ` +
      'Lower the sparsity or name fewer dense weights.',
    { expected: 'fewer dense weights', received: names },
  );
}

/**
 * Erdős-Rényi(-kernel) sparsities: the density of weight l is ε · (Σ shape / Π shape)^power, or with `kernel: false`
 * ε · ((n_in + n_out) / (n_in · n_out))^power; ε is solved so that as many weights remain as at a uniform sparsity. A
 * weight whose density would exceed 1 becomes dense and ε is solved again.
 *
 * @param shapes - of the weights that share the budget, by name
 * @param sparsity - of all of them together, in [0, 1]
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` for an unknown name or when the dense weights leave no room,
 * `ERR_SPARSE_SHAPE` for a shape without entries
 * @see Evci et al. 2020, "Rigging the Lottery", arXiv:1911.11134, section 3; Mocanu et al. 2018 (ER)
 */
export function erkSparsities(
  shapes: Readonly<Record<string, readonly number[]>>,
  sparsity: number,
  options: ErkOptions = {},
): ErkSparsities {
  const what = 'erkSparsities';
  checkFraction(what, 'sparsity', sparsity);
  checkOptions(what, options, ['kernel', 'power', 'dense', 'custom']);
  const { kernel = true, power = 1, custom = {} } = options;
  const dense = new Set(options.dense ?? []);
  for (const name of [...dense, ...Object.keys(custom)]) {
    if (Object.hasOwn(shapes, name)) continue;
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: there is no weight "${name}", expected one of ${Object.keys(shapes).join(', ')}.`,
      { tensor: name, expected: Object.keys(shapes), received: name },
    );
  }
  const sharing = Object.keys(shapes).filter((name) => !Object.hasOwn(custom, name));
  const size: Record<string, number> = {};
  const raw: Record<string, number> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    size[name] = checkShape(`${what}: ${name}`, shape);
    if (size[name] === 0) {
      throw new SparseError('ERR_SPARSE_SHAPE', `${what}: ${name} has shape [${shape}], expected entries.`, {
        tensor: name,
        expected: 'at least one entry',
        received: shape,
      });
    }
    raw[name] = rawDensity(shape, size[name], kernel, power);
  }

  let epsilon = 0;
  for (;;) {
    const free = sharing.filter((name) => !dense.has(name));
    if (free.length === 0) {
      epsilon = 0;
      break;
    }
    let room = 0;
    let divisor = 0;
    for (const name of sharing) {
      const zeros = Math.floor(sparsity * size[name]!);
      room += dense.has(name) ? -zeros : size[name]! - zeros;
      if (!dense.has(name)) divisor += raw[name]! * size[name]!;
    }
    if (room < 0) throw noRoom(sparsity, [...dense]);
    epsilon = room / divisor;
    const densest = Math.max(...free.map((name) => raw[name]!));
    if (densest * epsilon <= 1) break;
    for (const name of free) if (raw[name] === densest) dense.add(name);
  }

  const sparsities: Record<string, number> = {};
  const zeros: Record<string, number> = {};
  for (const name of Object.keys(shapes)) {
    sparsities[name] = custom[name] ?? (dense.has(name) ? 0 : 1 - epsilon * raw[name]!);
    checkFraction(what, `custom["${name}"]`, sparsities[name]);
    zeros[name] = Math.floor(sparsities[name] * size[name]!);
  }
  return { epsilon, sparsities, zeros };
}
