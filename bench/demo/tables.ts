import { bytes, digits, interval, percent, table, times } from '../runner/format.ts';
import type { DemoModel, DemoResult } from './result.ts';

/** What stands above every table: how much of MNIST it is about. */
function heading(title: string, result: Pick<DemoResult, 'quick' | 'data'>): string {
  const { trainImages, testImages } = result.data;
  const images = `${bytes(trainImages)} training, ${bytes(testImages)} test images`;
  const quick = result.quick ? 'QUICK RUN: ' : '';
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
  const headings = ['model', 'ep', 'accuracy', 'params', 'left', 'ratio', 'raw B', 'zip B', 'smaller'];
  return [
    heading('Accuracy and size', result),
    table(headings, rows),
    'left: parameters that are not zero; ratio: parameters / left; zip: model.json and weights.bin, DEFLATE 6;',
    'smaller: zip of the baseline / zip of the model; ep: epochs, in recipe 1 on top of those of the baseline.',
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
  const cells = model.latency.map(({ batch, rows }) => {
    const of = (engine: string) => rows.find((row) => row.engine === engine);
    const [accelerated, dense, sparse] = ['accelerated predict', 'session dense', 'session sparse'].map(of);
    return [
      String(batch),
      digits(of('tfjs-node predict')?.medianUs ?? null),
      digits(accelerated?.medianUs ?? null),
      times(accelerated?.ratio ?? null),
      digits(dense?.medianUs ?? null),
      times(dense?.ratio ?? null),
      digits(sparse?.medianUs ?? null),
      times(sparse?.ratio ?? null),
      interval(sparse?.ratioInterval ?? null),
    ];
  });
  const headings = ['batch', 'predict', 'accelerated', '', 'dense', '', 'sparse', '', '95 % interval'];
  return [heading(`Microseconds of one call: ${modelName(model)}`, result), table(headings, cells, 0)].join(
    '\n',
  );
}

/** How to read the tables of times. */
export const latencyLegend = [
  'predict: model.predict on tfjs-node; accelerated: the same after accelerate(model); dense, sparse: sessions.',
  'Medians, each with its ratio to predict; the interval is that of the last ratio. Spreads are in demo.json.',
].join('\n');
