import { captureLater, type RunOptions } from '../setup/process.ts';
import { parseClosingLine, type Tally } from '../setup/tally.ts';

/** Runs a program that ends with a closing line. One that ends without it, or badly, counts as a failure. */
export async function runCounted(command: readonly string[], options: RunOptions = {}): Promise<Tally> {
  const { status, stdout } = await captureLater(command, { ...options, show: true });
  const tally = parseClosingLine(stdout) ?? { passed: 0, failed: 1, skipped: [] };
  if (status !== 0 && tally.failed === 0) tally.failed = 1;
  return tally;
}
