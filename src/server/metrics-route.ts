import { Router } from 'express';
import type { Authenticator } from '../access/authenticator.js';
import type { Metrics } from '../observability/metrics.js';
import { requireRole } from './require-role.js';

export const createMetricsRoute = (metrics: Metrics, authenticator: Authenticator): Router => {
  const router = Router();
  router.get('/metrics', requireRole(authenticator, ['operator', 'auditor']), async (_request, response) => {
    response.set('content-type', metrics.contentType).send(await metrics.read());
  });
  return router;
};
