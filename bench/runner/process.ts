import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { pinnedCommand } from './pin.ts';
import type { Request, Response } from './protocol.ts';
import type { Seat } from './seat.ts';
import { threadEnvironment } from './threads.ts';

const host = fileURLToPath(new URL('./host.ts', import.meta.url));

/** A long-lived process in which engines live: two ways of calling one engine share it, rivals do not. */
export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(value: Response): void; reject(error: Error): void }>();
  #next = 0;

  /**
   * @param threads - of every engine, with a core each
   * @param environment - more variables
   */
  constructor(threads = 1, environment: Readonly<Record<string, string>> = {}) {
    const [execPath, ...execArgv] = pinnedCommand(
      [process.execPath, '--import', import.meta.resolve('tsx')],
      threads,
    );
    this.#child = fork(host, [], {
      execPath,
      execArgv,
      env: { ...process.env, ...threadEnvironment(threads), ...environment },
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message) => {
      const response = message as Response;
      this.#waiting.get(response.id)?.resolve(response);
      this.#waiting.delete(response.id);
    });
    this.#child.on('exit', (code, signal) => {
      const error = new Error(`engine process ended: ${signal ?? `exit code ${code}`}`);
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    });
  }

  async ask(request: Request): Promise<Response> {
    const id = this.#next++;
    const response = await new Promise<Response>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ ...request, id }, (error) => error && reject(error));
    });
    if (response.error !== undefined) throw new Error(response.error);
    return response;
  }

  /** The engine of that name (a key of `bench/engines/index.ts`) at work on a case. */
  seat(engine: string, work: unknown, name = engine): Seat {
    return {
      name,
      prepare: async () => {
        const { output, unavailable } = await this.ask({ op: 'prepare', engine, work });
        return output ? { output } : { unavailable: unavailable ?? 'gave no output' };
      },
      sample: async (calls) => (await this.ask({ op: 'sample', engine, calls })).seconds ?? Number.NaN,
      facts: async () => (await this.ask({ op: 'facts', engine })).facts ?? {},
      dispose: async () => {
        await this.ask({ op: 'dispose', engine });
      },
    };
  }

  close(): void {
    if (this.#child.connected) this.#child.disconnect(); // one that has crashed is gone already
  }
}
