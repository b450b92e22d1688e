/** The main program of an engine process: prepares, samples and disposes what the runner asks for. */
import { engines } from '../engines/index.ts';
import { isUnavailable, outputOf, type Prepared } from './engine.ts';
import type { Request, Response } from './protocol.ts';
import { sample, sampleLater } from './sample.ts';

const prepared = new Map<string, Prepared>();

function at(engine: string): Prepared {
  const found = prepared.get(engine);
  if (!found) throw new Error(`${engine}: not prepared`);
  return found;
}

async function answer(request: Request): Promise<Omit<Response, 'id'>> {
  switch (request.op) {
    case 'prepare': {
      const load = engines[request.engine];
      if (!load) throw new Error(`no engine "${request.engine}"`);
      const made = await (await load()).prepare(request.work as never);
      if (isUnavailable(made)) return made;
      prepared.set(request.engine, made);
      return { output: await outputOf(made) };
    }
    case 'sample': {
      const { run, runLater } = at(request.engine);
      const seconds = runLater ? await sampleLater(runLater, request.calls) : sample(run, request.calls);
      return { seconds };
    }
    case 'facts':
      return { facts: prepared.get(request.engine)?.facts?.() ?? {} };
    case 'dispose':
      prepared.get(request.engine)?.dispose?.();
      prepared.delete(request.engine);
      return {};
  }
}

process.on('message', async (message: Request & { id: number }) => {
  let response: Omit<Response, 'id'>;
  try {
    response = await answer(message);
  } catch (error) {
    response = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.send?.({ ...response, id: message.id });
});
process.on('disconnect', () => process.exit(0));
