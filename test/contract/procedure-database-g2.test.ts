import { procedureDatabaseContract } from './procedure-database-port.suite.js';
import { startProcedureDatabase } from './procedure-database-harness.js';

procedureDatabaseContract({
  name: 'national procedure database over g2', listsUnpublished: true, hasPages: false, hasSession: true, hasDecisions: true,
  start: (procedures) => startProcedureDatabase('g2', { sandbox: { procedures } }),
});
