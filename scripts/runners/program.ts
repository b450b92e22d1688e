import { captureLater, type RunOptions } from '../setup/process.ts';
import { oneCase, parseClosingLine, sum, type Tally } from '../setup/tally.ts';

/** Runs a program that ends with a closing line. One that ends without it, or badly, counts as a failure. */
export async function runCounted(command: readonly string[], options: RunOptions = {}): Promise<Tally> {
  const { status, stdout } = await captureLater(command, { ...options, show: true });
  const tally =
    parseClosingLine(stdout) ??
    oneCase(`${command.join(' ')} ended with exit code ${status} and no closing line`, false);
  if (status !== 0 && tally.failed === 0)
    return sum([tally, oneCase(`${command.join(' ')} ended with exit code ${status}`, false)]);
  return tally;
}
