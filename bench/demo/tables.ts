import { bytes, digits, interval, percent, table, times } from '../runner/format.ts';
import type { DemoModel, DemoResult } from './result.ts';

/** What stands above every table: how much of MNIST it is about. */
function heading(title: string, result: Pick<DemoResult, 'quick' | 'data'>): string {
  const { trainImages, testImages } = result.data;
  const images = `${bytes(trainImages)} training and ${bytes(testImages)} test images`;
  const quick = result.quick ? 'QUICK RUN with fewer images and epochs: ' : '';
  return `${title}  [${quick}${images}]`;
}

/** Name of a model in the tables: "CNN, recipe 1, 80 %". */
export function modelName(model: Pick<DemoModel, 'network' | 'recipe' | 'target'>): string {
  const network = model.network === 'cnn' ? 'CNN' : 'LeNet-300-100';
  return model.recipe === 'baseline'
    ? `${network}, baseline`
    : `${network}, ${model.recipe}, ${percent(model.target, 0)}`;
}

export function sizeTable(result: DemoResult): string {
  const rows = result.models.map((m) => [
    modelName(m),
    `${m.epochs}`,
    percent(m.accuracy, 2),
    bytes(m.sizes.parameters),
    bytes(m.sizes.remaining),
    `${digits(m.sizes.compressionRatio)}×`,
    bytes(m.sizes.rawBytes),
    bytes(m.sizes.zipBytes),
    times(m.sizes.zipRatio),
  ]);
  const headings = ['model', 'epochs', 'accuracy', 'params', 'left', 'ratio', 'raw B', 'zip B', 'smaller'];
  return [
    heading('Accuracy and size', result),
    table(headings, rows),
    'left: parameters that are not zero; ratio: parameters / left; zip: model.json and weights.bin, DEFLATE 6;',
    'smaller: zip of the baseline / zip of the model. epochs of recipe 1 come on top of those of the baseline.',
  ].join('\n');
}

export function sparsityTable(result: DemoResult): string {
  const rows = result.models.flatMap((m) =>
    m.target === 0
      ? []
      : m.kernels.map((k, i) => [
          i === 0 ? modelName(m) : '',
          k.name,
          `[${k.shape.join(', ')}]`,
          percent(k.sparsity, 2),
          bytes(k.zeros),
          bytes(k.expectedZeros),
          k.zeros === k.expectedZeros ? 'exact' : 'MISSED',
        ]),
  );
  const headings = ['model', 'kernel', 'shape', 'zeros', 'count', 'expected', ''];
  return [heading('Sparsity of every kernel', result), table(headings, rows, 3)].join('\n');
}

export function agreementTable(result: DemoResult): string {
  const rows = result.models.flatMap((m) =>
    (['dense', 'sparse'] as const).map((kind, i) => {
      const a = m.agreement[kind];
      return [
        i === 0 ? modelName(m) : '',
        kind,
        digits(a.maxDifference),
        percent(m.accuracy, 2),
        percent(a.accuracy, 2),
        String(a.otherClass),
        String(a.otherClassUnexplained),
      ];
    }),
  );
  const headings = ['model', 'session', 'max diff', 'tfjs-node', 'session', 'other class', 'no tie'];
  return [
    heading('Sessions against tfjs-node, every test image', result),
    table(headings, rows, 2),
    'max diff: relative to the largest output; other class: images with another answer than tfjs-node gives;',
    "no tie: those of them where tfjs-node's own two best outputs are not within 1e-5.",
  ].join('\n');
}

export function latencyTable(result: DemoResult, model: DemoModel): string {
  const rows = model.latency.flatMap(({ batch, rows }) =>
    rows.map((row, i) => [
      i === 0 ? String(batch) : '',
      row.engine,
      digits(row.medianUs),
      digits(row.madUs),
      String(row.samples),
      times(row.ratio),
      interval(row.ratioInterval),
    ]),
  );
  const headings = ['batch', 'engine', 'median us', 'MAD us', 'samples', 'ratio', '95 % interval'];
  return [heading(`Time of one call: ${modelName(model)}`, result), table(headings, rows, 2)].join('\n');
}
