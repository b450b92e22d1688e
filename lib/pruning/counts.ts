import { cutOf } from '../sparse/cut.ts';
import type { Compat } from '../sparse/structure.ts';

/** How many of `size` weights the rule of `compat` keeps at a sparsity when no scores tie. */
export function keptCount(size: number, sparsity: number, compat: Compat): number {
  const cut = cutOf(compat, size, sparsity);
  if (cut.keep !== 'from') return cut.keep === 'all' ? size : 0;
  return size - cut.rank + (cut.ties === 'drop' ? 0 : 1);
}
