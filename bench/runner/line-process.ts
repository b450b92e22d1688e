import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pinnedCommand } from './pin.ts';
import type { Seat } from './seat.ts';

/** Longest wait for a reply: a rival that hangs must not stop the bench. */
const patienceMs = 300_000;

/** A case as the words of `prepare`. */
export type LineWork = Readonly<Record<string, string | number>>;

/** Who waits for the next line. */
interface Waiting {
  resolve(line: string): void;
  reject(error: Error): void;
}

/**
 * A long-lived engine process that is not Node: Python or C++. It reads lines of words parted by tabs on its standard
 * input, an operation, an engine and the rest, and answers each with one line:
 *
 *     prepare <engine> name=value …   output <file of raw float32> | unavailable <why>
 *     sample <engine> <calls>         seconds <of one call>
 *     facts <engine>                  facts name=value …
 *     dispose <engine>                done
 *
 * or `error <message>`.
 */
export class LineProcess {
  readonly #command: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  readonly #cores: number;
  #child: ChildProcess | undefined;
  #waiting: Waiting | undefined;

  /** @param cores - how many the process may use, the last ones of the machine */
  constructor(command: readonly string[], environment: Readonly<Record<string, string>>, cores = 1) {
    this.#command = command;
    this.#environment = environment;
    this.#cores = cores;
  }

  #started(): ChildProcess {
    if (this.#child) return this.#child;
    const [program, ...args] = pinnedCommand(this.#command, this.#cores);
    const child = spawn(program!, args, {
      env: { ...process.env, ...this.#environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface({ input: child.stdout! }).on('line', (line) => this.#settle((w) => w.resolve(line)));
    const ended = (what: string) => {
      if (this.#child === child) this.#child = undefined;
      this.#settle((w) => w.reject(new Error(`engine process ended: ${what}`)));
    };
    child.on('error', (error) => ended(error.message));
    child.on('exit', (code, signal) => ended(signal ?? `exit code ${code}`));
    child.stdin!.on('error', () => {}); // the exit says it
    this.#child = child;
    return child;
  }

  #settle(settle: (waiting: Waiting) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) settle(waiting);
  }

  /** @returns the words of the reply @throws Error when the process ends, hangs or reports one */
  async ask(words: readonly (string | number)[]): Promise<string[]> {
    const child = this.#started();
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    try {
      const line = await new Promise<string>((resolve, reject) => {
        this.#waiting = { resolve, reject };
        child.stdin!.write(`${words.join('\t')}\n`);
      });
      const [kind, ...rest] = line.split('\t');
      if (kind === 'error') throw new Error(rest.join(' '));
      return [kind!, ...rest];
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param words - further `name=value` words of `prepare` */
  seat(engine: string, work: LineWork, name = engine, words: readonly string[] = []): Seat {
    const caseWords = Object.entries(work).map(([key, value]) => `${key}=${value}`);
    return {
      name,
      prepare: async () => {
        const [kind, text] = await this.ask(['prepare', engine, ...caseWords, ...words]);
        if (kind !== 'output') return { unavailable: text ?? 'gave no reason' };
        return { output: new Float32Array(new Uint8Array(readFileSync(text!)).buffer) };
      },
      sample: async (calls) => Number((await this.ask(['sample', engine, calls]))[1]),
      facts: async () => {
        const [, ...pairs] = await this.ask(['facts', engine]);
        return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
      },
      dispose: async () => {
        if (this.#child) await this.ask(['dispose', engine]);
      },
    };
  }

  close(): void {
    this.#child?.stdin?.end();
  }
}
