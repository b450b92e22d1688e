import { isRecord } from '../io/is-record.ts';
import type { GraphNode } from './read-graph.ts';

/** A loop of a graph: Enter … Merge, Switch … NextIteration, Exit. */
export interface Loop {
  /** LoopCond: whether there is another round. */
  condition: GraphNode;
  enters: readonly GraphNode[];
  /** What changes from round to round: begins at `enter`, goes on at `next`. */
  variables: readonly { merge: string; enter: string; next: string }[];
  /** Exit nodes, and the Merge whose last value each gives. */
  exits: readonly { exit: string; merge: string }[];
  /** Every node that is computed anew in each round. */
  body: ReadonlySet<string>;
}

/** The loops of a graph, by the names of their Exit nodes. */
export function findLoops(nodes: ReadonlyMap<string, GraphNode>): ReadonlyMap<string, Loop> {
  const frames = new Map<string, GraphNode[]>();
  for (const node of nodes.values()) {
    if (node.op !== 'Enter') continue;
    const frame = frameOf(node);
    frames.set(frame, [...(frames.get(frame) ?? []), node]);
  }
  const loops = new Map<string, Loop>();
  if (frames.size === 0) return loops;
  const readers = readersOf(nodes);
  for (const enters of frames.values()) {
    const loop = readLoop(enters, nodes, readers);
    for (const { exit } of loop?.exits ?? []) loops.set(exit, loop!);
  }
  return loops;
}

function frameOf({ attr }: GraphNode): string {
  const name = isRecord(attr) && isRecord(attr.frame_name) ? attr.frame_name.s : undefined;
  return JSON.stringify(name ?? '');
}

function readersOf(nodes: ReadonlyMap<string, GraphNode>): ReadonlyMap<string, readonly GraphNode[]> {
  const readers = new Map<string, GraphNode[]>();
  for (const node of nodes.values())
    for (const { node: source } of node.inputs) {
      const list = readers.get(source);
      if (list) list.push(node);
      else readers.set(source, [node]);
    }
  return readers;
}

function readLoop(
  enters: readonly GraphNode[],
  nodes: ReadonlyMap<string, GraphNode>,
  readers: ReadonlyMap<string, readonly GraphNode[]>,
): Loop | undefined {
  const read = (name: string, op: string) => (readers.get(name) ?? []).filter((node) => node.op === op);
  const variables = enters.flatMap(({ name: enter }) =>
    read(enter, 'Merge').flatMap((merge) => {
      const next = merge.inputs.find(({ node }) => nodes.get(node)?.op === 'NextIteration');
      return next ? [{ merge: merge.name, enter, next: next.node }] : [];
    }),
  );
  const switches = variables.flatMap(({ merge }) =>
    read(merge, 'Switch')
      .filter(({ inputs }) => inputs[0]?.node === merge)
      .map((node) => ({ node, merge })),
  );
  const conditions = switches.map(({ node }) => nodes.get(node.inputs[1]?.node ?? ''));
  const condition = conditions.find((node) => node?.op === 'LoopCond');
  const exits = switches.flatMap(({ node, merge }) =>
    read(node.name, 'Exit').map((exit) => ({ exit: exit.name, merge })),
  );
  if (!condition) return undefined;
  return { condition, enters, variables, exits, body: bodyOf(enters, readers, exits) };
}

function bodyOf(
  enters: readonly GraphNode[],
  readers: ReadonlyMap<string, readonly GraphNode[]>,
  exits: Loop['exits'],
): Set<string> {
  const outside = new Set([...exits.map(({ exit }) => exit), ...enters.map(({ name }) => name)]);
  const body = new Set<string>();
  const open = enters.map(({ name }) => name);
  for (let name = open.pop(); name !== undefined; name = open.pop())
    for (const reader of readers.get(name) ?? [])
      if (!body.has(reader.name) && !outside.has(reader.name)) {
        body.add(reader.name);
        open.push(reader.name);
      }
  return body;
}
