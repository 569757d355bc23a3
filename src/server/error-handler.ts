import type { ErrorRequestHandler, RequestHandler } from 'express';
import { newCorrelationId } from '../observability/correlation.js';
import type { Logger } from '../observability/logger.js';

export const notFound: RequestHandler = (_request, response) => {
  response.status(404).json({ error: 'NOT_FOUND' });
};

/** Express tells an error handler by its four parameters. */
export const createErrorHandler = (logger: Logger): ErrorRequestHandler =>
  // eslint-disable-next-line max-params
  (error: unknown, request, response, next) => {
    const correlationId = newCorrelationId();
    const { status } = error as { status?: unknown };
    if (typeof status === 'number' && status >= 400 && status < 500) {
      response.status(status).json({ error: 'BAD_REQUEST' });
      return;
    }
    logger.error({ err: error, correlationId, method: request.method }, 'HTTP call failed');
    if (response.headersSent) next(error);
    else response.status(500).json({ error: 'INTERNAL', correlationId });
  };
