import type { PaperResult, TableRow } from '../../examples/papers/common/result.ts';

const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;

function table(rows: readonly TableRow[]): string[] {
  const columns = Object.keys(rows[0] ?? {});
  return [
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map((column) => row[column] ?? ''))),
  ];
}

function verdict({ holds, judged }: PaperResult['findings'][number]): string {
  if (holds) return judged ? 'holds' : 'holds (not asserted)';
  return judged ? '**does not hold**' : '**does not hold at this size** (not asserted)';
}

/**
 * What the page says about one script's result.
 *
 * @throws Error for a quick run, which proves little
 */
export function paperSection(result: PaperResult): string {
  if (result.quick) throw new Error(`${result.name}: the result is of a quick run`);
  const { paper, setting, findings, environment: e, seconds, name, curves } = result;
  return [
    `${paper}`,
    '',
    `Setting: ${setting}.`,
    '',
    ...table(result.table),
    '',
    line(['claim', 'here', 'numbers']),
    line(['---', '---', '---']),
    ...findings.map((finding) => line([finding.claim, verdict(finding), finding.detail])),
    '',
    `\`npx tsx examples/papers/${name}.ts\`, ${String(e.date).slice(0, 10)}, ${e.cpu}, one thread, ${seconds.cpu} s of processor time; Node ` +
      `${e.node}, tfjs-node ${e.tfjs} on libtensorflow ${e.tensorflow}; commit ${e.commit}.` +
      (curves.length > 0
        ? ` ${curves.length} curves (${curves[0]!.y} by ${curves[0]!.x}) are in [docs/results/papers/${name}.json](results/papers/${name}.json).`
        : ''),
  ].join('\n');
}

const begin = (name: string) => `<!-- ${name}, made by npm run papers-page -->`;
const end = (name: string) => `<!-- end of ${name} -->`;

/** Names of the results that a page has marks for, in its order. */
export function papersOf(page: string): string[] {
  return [...page.matchAll(/<!-- ([a-z-]+), made by npm run papers-page -->/g)].map((match) => match[1]!);
}

/** The page with one section replaced. @throws Error when its end mark is missing */
export function withSection(page: string, name: string, section: string): string {
  const from = page.indexOf(begin(name));
  const to = page.indexOf(end(name));
  if (from < 0 || to < from)
    throw new Error(`docs/papers.md lacks the marks ${begin(name)} and ${end(name)}`);
  return `${page.slice(0, from + begin(name).length)}\n${section}\n${page.slice(to)}`;
}
