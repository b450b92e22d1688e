import { digits, percent, times } from '../runner/format.ts';
import { type Agreement, type ConformanceRow, verdictOf } from './result.ts';

function agreementText(name: string, found: Agreement | undefined): string[] {
  if (found === undefined) return [];
  const { difference, worst, own, limit, passed, sameClass, inputs, timing, zeros } = found;
  const texts = [`${name} (${percent(zeros, 0)} zeros): ${difference.toExponential(1)}`];
  if (!passed) texts.push(`ABOVE ${limit} in ${worst} (tfjs-node from itself ${own.toExponential(1)})`);
  if (sameClass !== undefined) texts.push(`class ${sameClass}/${inputs}`);
  if (timing)
    texts.push(
      `${digits(timing.sessionMs)} ms, tfjs-node ${digits(timing.tfjsMs)} ms, ${times(timing.ratio)}`,
    );
  return [texts.join(' ')];
}

/** One line of progress. */
export function rowLine(row: ConformanceRow): string {
  const verdict = { passed: 'ok     ', failed: 'FAILED ', skipped: 'skipped' }[verdictOf(row)];
  const about = row.refused
    ? [`not compared: ${row.refused.why}`]
    : [...agreementText('as published', row.asPublished), ...agreementText('pruned', row.pruned)];
  if (row.error !== undefined) about.push(`error: ${row.error}`);
  return `${verdict} ${row.model}: ${about.join('; ')}`;
}
