import type { ZhouName } from '../../../lib/pruning/criteria/zhou.ts';
import { mask0Values, mask1Values } from '../../../lib/pruning/mask-actions.ts';
import { openLthCount, openLthLevel } from '../../../lib/pruning/openlth-level.ts';
import { rescaleMultiplier, signedConstant } from '../../../lib/pruning/signed-constant.ts';
import { zhouRound } from '../../../lib/pruning/zhou-round.ts';
import type { Mask } from '../../../lib/sparse/structure.ts';
import type { Adapter } from '../adapter.ts';
import type { Comparison } from '../comparison.ts';
import type { Fields } from '../fields.ts';

/** Whether OpenLTH finds no threshold at this level. */
function throwsIndexError(level: Fields): boolean {
  const throws = level.maybe('throws') ?? false;
  if (typeof throws === 'boolean') return throws;
  if (throws === 'IndexError') return true;
  throw new Error(`${level.path}.throws: not understood: ${JSON.stringify(throws)}`);
}

/** Values after a mask-0 or mask-1 action, on the mask of `large_final`. */
function checkActions(
  fields: Fields,
  compare: Comparison,
  weight: { initial: Float32Array; final: Float32Array; mask: Mask },
): void {
  const tensor = (key: string, received: Float32Array) => {
    if (fields.has(key)) compare.numbers(key, fields.tensor(key).data, received);
  };
  for (const action of [
    'freeze_init',
    'freeze_init_zero_mask',
    'freeze_init_zero_all',
    'freeze_init_zero_rev',
  ] as const) {
    tensor(action, mask0Values(action, weight));
  }
  tensor('rewind', mask1Values('rewind', weight));
  const constant = fields.object('signed_constant');
  const received = signedConstant(weight.initial);
  compare.number('signed_constant.std', constant.number('std'), received.std);
  compare.numbers('signed_constant.weights', constant.tensor('weights').data, received.weights);
  const multiplier = rescaleMultiplier(weight.mask);
  compare.number('dynamic_rescale_multiplier', fields.number('dynamic_rescale_multiplier'), multiplier);
}

export const lottery: Adapter = {
  sections: {
    criteria: (fields, compare) => {
      const [initial, final] = [fields.tensor('w_init'), fields.tensor('w_final')];
      const previous = fields.tensor('previous_mask');
      compare.shape('w_final', initial.shape, final.shape);
      compare.shape('previous_mask', initial.shape, previous.shape);
      const view = {
        layer: 'layer',
        name: 'kernel',
        shape: initial.shape,
        values: final.data,
        initial: initial.data,
      };
      const percent = fields.number('prune_percent');
      const round = (name: string) =>
        zhouRound(name as ZhouName, view, percent, Uint8Array.from(previous.data));
      const count = fields.number('prune_count');
      const [masks, tied] = [fields.object('masks'), fields.object('tied')];
      compare.same('criteria', masks.keys().join(', '), tied.keys().join(', '));
      for (const name of masks.keys()) {
        const { mask, pruned } = round(name);
        compare.number(`prune_count of ${name}`, count, pruned);
        compare.mask(`mask of ${name}`, masks.tensor(name).data, mask, tied.boolean(name));
      }
      const { mask } = round('large_final');
      checkActions(fields, compare, { initial: initial.data, final: final.data, mask });
    },
    cases: (fields, compare) => {
      const names = fields.list('names') as string[];
      const fraction = fields.number('pruning_fraction');
      const ignore = fields.list('layers_to_ignore') as string[];
      let masks: Mask[] | undefined;
      for (const level of fields.objects('levels')) {
        const trained = level.tensors('trained');
        compare.same('weights', names.length, trained.length);
        const weights = trained.map(({ data }, i) => ({ name: names[i]!, values: data, mask: masks?.[i] }));
        const before = weights.map(({ values, mask }) => mask ?? new Uint8Array(values.length).fill(1));
        const { remaining, toPrune } = openLthCount(before, fraction);
        compare.number('remaining_before', level.number('remaining_before'), remaining);
        compare.number('number_to_prune', level.number('number_to_prune'), toPrune);
        const run = () => openLthLevel(weights, fraction, ignore);
        if (throwsIndexError(level)) {
          compare.throws('level', ['ERR_SPARSE_OPTION'], run);
          return;
        }
        const next = run();
        compare.number('threshold', level.number('threshold'), next.threshold);
        const expected = level.tensors('masks');
        compare.same('masks', expected.length, next.masks.length);
        expected.forEach(({ data }, i) => {
          compare.mask(`mask of ${names[i]}`, data, next.masks[i]!, level.maybe('tied') === true);
        });
        compare.number('kept', level.number('kept'), next.kept);
        masks = next.masks;
      }
    },
  },
};
