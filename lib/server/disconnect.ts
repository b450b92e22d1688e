import type { ServerResponse } from 'node:http';

/**
 * Aborts when the client goes before its response was sent.
 *
 * The response tells, not the request: Node closes a request as soon as its body was read.
 */
export function disconnectSignal(
  response: Pick<ServerResponse, 'destroyed' | 'writableFinished' | 'once'>,
): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(new Error('the client closed the connection'));
  if (response.destroyed) abort();
  response.once('close', () => {
    if (!response.writableFinished) abort();
  });
  return controller.signal;
}
