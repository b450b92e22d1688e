import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorCodes, type SparseErrorCode } from '../errors.ts';

/** Status of the errors that are the client's doing or will pass; any other is the server's: 500. */
const statuses: Partial<Record<SparseErrorCode, number>> = {
  ERR_SPARSE_ARGUMENT: 400,
  ERR_SPARSE_SHAPE: 400,
  ERR_SPARSE_DTYPE: 400,
  ERR_SPARSE_UNKNOWN_MODEL: 404,
  // Nobody reads this one: the client has gone. Logs have it as 499, as other servers do.
  ERR_SPARSE_ABORTED: 499,
  ERR_SPARSE_OVERLOADED: 503,
  ERR_SPARSE_DISPOSED: 503,
};

/** What the client gets for an error: a status and a text, nothing of the server's inside. */
function publicError(error: unknown): { status: number; text: string } {
  const { code, statusCode, message } = (error ?? {}) as Readonly<Record<string, unknown>>;
  // By code: the session's class of errors may be that of the other module system.
  if (typeof code === 'string' && Object.hasOwn(errorCodes, code))
    return { status: statuses[code as SparseErrorCode] ?? 500, text: String(message) };
  // Fastify's own refusals: no JSON, another content type, a body that is too large.
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500)
    return { status: statusCode, text: String(message) };
  return { status: 500, text: 'The server failed; its log says more.' };
}

/** Answers with `{ error }`, as the protocol wants it. What is the server's fault is logged. */
export function replyWithError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { status, text } = publicError(error);
  if (status === 500) request.log.error(error);
  if (status === 503) reply.header('retry-after', '1');
  reply.code(status).send({ error: text });
}
