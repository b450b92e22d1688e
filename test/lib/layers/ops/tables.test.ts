import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { findListOp } from '../../../../lib/compile/tensor-lists.ts';
import { findOpType } from '../../../../lib/layers/ops/op-registry.ts';
import { compiledClasses, findLayerType } from '../../../../lib/layers/registry.ts';

const page = readFileSync(new URL('../../../../docs/compiling.md', import.meta.url), 'utf8');

/** The rows of the table that stands behind a heading. */
function tableBehind(heading: string): string[][] {
  const from = page.indexOf(`\n${heading}\n`);
  expect(from, heading).toBeGreaterThan(0);
  const rows = page
    .slice(from)
    .split('\n')
    .filter((line, i, lines) => {
      const end = lines.findIndex((other, at) => at > 1 && other.startsWith('#'));
      return line.startsWith('|') && (end < 0 || i < end);
    });
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('the page about compiling has every layer of TensorFlow.js:', () => {
  const compiled = new Set(compiledClasses());
  const refused = tableBehind('### Layers that are not compiled').flatMap(([cell]) =>
    [...cell!.matchAll(/`(\w+)`/g)].map((match) => match[1]!),
  );
  const models = ['Model', 'Functional', 'Sequential'];
  // Registered by lib/pruning, if another test of this process has loaded it.
  const ours = ['PruningWrapper', 'PruneLowMagnitude'];

  it('each registered class compiles or is among those that do not', () => {
    const registry = (
      tf.serialization.SerializationMap as unknown as {
        getMap(): { classNameMap: Record<string, [{ prototype: object }]> };
      }
    ).getMap().classNameMap;
    const classes = Object.entries(registry).flatMap(([name, [type]]) =>
      type.prototype instanceof tf.layers.Layer && ![...models, ...ours].includes(name) ? [name] : [],
    );
    expect(classes.length).toBeGreaterThan(50);
    expect(classes.filter((name) => !compiled.has(name) && !refused.includes(name))).toEqual([]);
  });

  it('none stands in both tables, or twice', () => {
    expect(refused.filter((name) => compiled.has(name))).toEqual([]);
    expect(new Set(refused).size).toBe(refused.length);
  });

  it('each class that pruning knows and compile does not is among those that do not', () => {
    const known = [
      'Conv3D',
      'LocallyConnected2D',
      'SeparableConv1D',
      'MultiHeadAttention',
      'GroupNormalization',
    ];
    for (const name of known) expect(findLayerType(name)?.lower, name).toBeUndefined();
    expect(known.filter((name) => !refused.includes(name))).toEqual([]);
  });
});

/** Operations that the graph's walk itself takes care of. */
const walked = new Set(
  'Placeholder PlaceholderWithDefault Const Switch Merge Enter Exit LoopCond NextIteration SpaceToBatchND BatchToSpaceND'.split(
    ' ',
  ),
);
const compiles = (op: string) =>
  findOpType(op) !== undefined || findListOp(op) !== undefined || walked.has(op);

describe('the page about compiling has every operation of TensorFlow.js:', async () => {
  const require = createRequire(import.meta.url);
  const root = path.dirname(require.resolve('@tensorflow/tfjs-converter/package.json'));
  const folder = path.join(root, 'dist', 'operations', 'op_list');
  const files = readdirSync(folder).filter((file) => file.endsWith('.js'));
  const lists = await Promise.all(
    files.map(async (file) => {
      const { json } = (await import(pathToFileURL(path.join(folder, file)).href)) as {
        json: { tfOpName: string }[];
      };
      return [file.slice(0, -3), json.map(({ tfOpName }) => tfOpName)] as const;
    }),
  );
  const rows = new Map(
    tableBehind('### Operations').map(([name, ...cells]) => [
      name!,
      cells.map((cell) => [...cell.matchAll(/\b_?[A-Z]\w+/g)].map(([op]) => op)),
    ]),
  );

  it('in its categories', () => {
    expect([...rows.keys()].sort()).toEqual(lists.map(([category]) => category).sort());
  });

  it.each(lists)('%s', (category, ops) => {
    const [yes = [], no = []] = rows.get(category)!;
    expect(yes.toSorted()).toEqual(ops.filter(compiles).sort());
    expect(no.toSorted()).toEqual(ops.filter((op) => !compiles(op)).sort());
  });
});
