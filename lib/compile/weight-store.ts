import { SparseError } from '../errors.ts';
import type { Artifacts, Weight } from '../io/artifacts.ts';

/**
 * Finds the weights of layers by name. Writers disagree about what stands in front of `layer/weight`: nothing,
 * the nested models around the layer, or the name of the whole model as well.
 */
export class WeightStore {
  private readonly byLastPart = new Map<string, Weight[]>();
  private readonly owners = new Map<string, string>();
  private readonly origin: string;
  /** Number of weights in the model. */
  readonly size: number;

  constructor({ weights, origin }: Artifacts) {
    this.origin = origin;
    this.size = weights.size;
    for (const weight of weights.values()) {
      const key = lastPart(weight.name);
      const group = this.byLastPart.get(key);
      if (group) group.push(weight);
      else this.byLastPart.set(key, [weight]);
    }
  }

  /**
   * The weight `name` of the layer at the end of `path`.
   *
   * @param path - names from the model down to the layer: `['model', 'encoder', 'dense']`
   * @throws SparseError `ERR_SPARSE_MODEL` when several weights fit equally well, or it is another layer's
   */
  find(path: readonly string[], name: string): Weight | undefined {
    const layer = path.at(-1)!;
    const suffix = `${layer}/${name}`;
    const all = this.byLastPart.get(lastPart(name)) ?? [];
    const fitting = (rewrite: (written: string) => string) =>
      all
        .map((weight) => ({ weight, written: rewrite(weight.name) }))
        .filter(({ written }) => written === suffix || written.endsWith(`/${suffix}`));
    const candidates = rewritings.map(fitting).find((found) => found.length > 0) ?? [];
    const ranked = candidates
      .map(({ weight, written }) => ({
        weight,
        rank: rankPrefix(written.slice(0, -suffix.length), path.slice(0, -1)),
      }))
      .sort((a, b) => b.rank - a.rank);
    const where = path.slice(1).join('/');
    // Keras 2 makes the weights of a Normalization that was adapted first without its name.
    const bare = all.find((weight) => weight.name === name);
    const [best = bare && { weight: bare, rank: 0 }, next] = ranked;
    if (!best) return undefined;
    if (next?.rank === best.rank) {
      throw this.ambiguous(where, name, [best.weight.name, next.weight.name]);
    }
    const owner = this.owners.get(best.weight.name) ?? where;
    if (owner !== where) throw this.ambiguous(where, name, [best.weight.name], owner);
    this.owners.set(best.weight.name, where);
    return best.weight;
  }

  private ambiguous(layer: string, name: string, found: readonly string[], owner?: string): SparseError {
    const why = owner
      ? `the only candidate ${found[0]} belongs to layer "${owner}"`
      : `${found.join(' and ')} fit equally well`;
    return new SparseError(
      'ERR_SPARSE_MODEL',
      `${this.origin}: ${name} of layer "${layer}" cannot be told apart: ${why}. Give the layers of nested models names of their own.`,
      { layer, tensor: name, expected: 'one weight', received: found },
    );
  }
}

/**
 * How well what stands before `layer/weight` fits the models around the layer: a prefix made of their names
 * only comes first, then the longer agreement.
 */
function rankPrefix(prefix: string, around: readonly string[]): number {
  const parts = prefix.split('/').filter((part) => part !== '');
  let same = 0;
  while (same < parts.length && same < around.length && parts.at(-1 - same) === around.at(-1 - same)) same++;
  return same + (same === parts.length ? 1000 : 0);
}

/** Names as they may be written, the likeliest first. */
const rewritings: readonly ((name: string) => string)[] = [
  (name) => name,
  // Keras has the cell of a recurrent layer in between: `lstm/lstm_cell/kernel`.
  withoutCell,
  // And cells that are stacked in one cell: `rnn/stacked_rnn_cells/lstm_cell/kernel`.
  (name) => name.replace(/(^|\/)stacked_rnn_cells(_\d+)?\//, '$1'),
  (name) => withoutCell(name.replace(/(^|\/)stacked_rnn_cells(_\d+)?\//, '$1')),
];

/** A name without its part before the last, where that part is a cell's. */
function withoutCell(name: string): string {
  const parts = name.split('/');
  return parts.length > 2 && /cell(_\d+)?$/.test(parts.at(-2)!) ? parts.toSpliced(-2, 1).join('/') : name;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
