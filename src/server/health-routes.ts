import { Router } from 'express';
import type { Health } from './health.js';

/** Open to everyone: probes carry no key. They say which part is not ready, and nothing of what it holds. */
export const createHealthRoutes = (health: Health): Router => {
  const router = Router();
  router.get('/health/live', (_request, response) => {
    response.json({ status: 'live' });
  });
  router.get('/health/ready', async (_request, response) => {
    const report = await health.report();
    const checks = Object.fromEntries(Object.entries(report.checks).map(([name, { ready }]) => [name, ready]));
    response.status(report.ready ? 200 : 503).json({ ready: report.ready, checks });
  });
  return router;
};
