import { procedureDatabaseContract } from './procedure-database-port.suite.js';
import { startProcedureDatabase } from './procedure-database-harness.js';

procedureDatabaseContract({
  name: 'national procedure database over g3', listsUnpublished: false, hasPages: true, hasSession: false, hasDecisions: false,
  start: (procedures) => startProcedureDatabase('g3', { sandbox: { procedures } }),
});
