import type { Artifacts, Weight } from '../io/artifacts.ts';
import { isRecord } from '../io/is-record.ts';
import { field } from './json.ts';
import type { LeafLayer, ModelGraph } from './model-graph.ts';

/** Of `layers/dense_1/vars/0`, as the converter names the weights of a `.keras` file. */
const numbered = /(^|\/)vars\/\d+$/;

/** Weights of a class in the order in which Keras 3 makes them. */
const order: Readonly<Record<string, readonly string[]>> = {
  SeparableConv1D: ['depthwise_kernel', 'pointwise_kernel', 'bias'],
  SeparableConv2D: ['depthwise_kernel', 'pointwise_kernel', 'bias'],
  BatchNormalization: ['gamma', 'beta', 'moving_mean', 'moving_variance'],
  LayerNormalization: ['gamma', 'beta'],
  Normalization: ['mean', 'variance', 'count'],
  Embedding: ['embeddings'],
  PReLU: ['alpha'],
};
const usual = ['kernel', 'bias'];
const ofCell = ['kernel', 'recurrent_kernel', 'bias'];

/** Weights that a layer leaves out where this option is false. */
const optional: Readonly<Record<string, string>> = { bias: 'use_bias', gamma: 'scale', beta: 'center' };

/** A class in Keras's snake case: LeakyReLU is leaky_re_lu, Conv2D is conv2d. */
function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/**
 * The weights under names like those of other files. In a `.keras` file a layer is called by its class and how many of that class
 * stood before it in its model, and its weights are numbered; the layers' own names are in the topology only.
 */
export function nameNumberedWeights(graph: ModelGraph, artifacts: Artifacts): Artifacts {
  if (![...artifacts.weights.keys()].some((name) => numbered.test(name))) return artifacts;
  const names = new Map<string, string>();
  nameModel(graph, '', graph.name, names);
  const weights = new Map<string, Weight>();
  for (const weight of artifacts.weights.values()) {
    const name = names.get(weight.name) ?? weight.name;
    weights.set(name, { ...weight, name });
  }
  return { ...artifacts, weights };
}

/** @param prefix - of the file's names @param path - of ours */
function nameModel(graph: ModelGraph, prefix: string, path: string, names: Map<string, string>): void {
  const counts = new Map<string, number>();
  for (const layer of graph.layers.values()) {
    const kind = snakeCase(layer.kind === 'model' ? layer.graph.className : layer.className);
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    const own = `${prefix}layers/${kind}${count === 0 ? '' : `_${count}`}/`;
    if (layer.kind === 'model') nameModel(layer.graph, own, `${path}/${layer.name}`, names);
    else nameLayer(layer, own, `${path}/${layer.ownName}`, names);
  }
}

function nameLayer(layer: LeafLayer, prefix: string, path: string, names: Map<string, string>): void {
  const note = (folder: string, front: string, className: string, config: unknown) => {
    const options = isRecord(config) ? config : {};
    const made = (cellClasses.has(className) ? ofCell : (order[className] ?? usual)).filter(
      (name) => optional[name] === undefined || field(options, optional[name]) !== false,
    );
    for (const [i, name] of made.entries())
      names.set(`${prefix}${folder}vars/${i}`, `${path}/${front}${name}`);
  };
  const inner = innerOf(layer.config, 'layer');
  const { className, config } = layer;
  if (className === 'Bidirectional' && inner) {
    const innerName = isRecord(inner.config) ? String(inner.config.name).replace(/^forward_/, '') : '';
    for (const side of ['forward', 'backward'])
      noteRecurrent(`${side}_layer/`, `${side}_${innerName}/`, inner.className, inner.config, note);
  } else if (className === 'TimeDistributed' && inner) {
    note('layer/', '', inner.className, inner.config);
  } else {
    noteRecurrent('', '', className, config, note);
  }
}

const cellClasses: ReadonlySet<string> = new Set(
  ['SimpleRNN', 'LSTM', 'GRU'].flatMap((name) => [name, `${name}Cell`]),
);

type Note = (folder: string, front: string, className: string, config: unknown) => void;

/** The cells of a recurrent layer, or the layer itself where it is none. */
function noteRecurrent(folder: string, front: string, className: string, config: unknown, note: Note): void {
  const cell = className === 'RNN' ? innerOf(config, 'cell') : undefined;
  if (!cell) {
    note(cellClasses.has(className) ? `${folder}cell/` : folder, front, className, config);
    return;
  }
  const list = isRecord(cell.config) ? cell.config.cells : undefined;
  if (cell.className !== 'StackedRNNCells' || !Array.isArray(list)) {
    note(`${folder}cell/`, front, cell.className, cell.config);
    return;
  }
  const counts = new Map<string, number>();
  for (const entry of list) {
    const { className: kind, config: own } = innerOf({ entry }, 'entry') ?? { className: '', config: {} };
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    const place = `${folder}cell/cells/${snakeCase(kind)}${count === 0 ? '' : `_${count}`}/`;
    const name = isRecord(own) && typeof own.name === 'string' ? own.name : kind;
    note(place, list.length === 1 ? front : `${front}${name}/`, kind, own);
  }
}

function innerOf(config: unknown, key: string): { className: string; config: unknown } | undefined {
  const inner = isRecord(config) ? config[key] : undefined;
  const className = isRecord(inner) ? field(inner, 'class_name') : undefined;
  return isRecord(inner) && typeof className === 'string' ? { className, config: inner.config } : undefined;
}
