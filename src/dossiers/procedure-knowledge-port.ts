import type { RuleBreach } from './rule-breach.js';

/** What is known of procedures at one moment. */
export interface ProcedureBook {
  /** Whether what was accepted before and is not at the registry yet waits for a person. */
  readonly parksOld: boolean;
  /** PROCEDURE_UNKNOWN or PROCEDURE_WITHDRAWN, with the code to use instead where one is known; null for a procedure that may be used. */
  check(procedureCode: string, procedureName: string): RuleBreach | null;
}

/** What the dossier domain asks of the procedure domain. */
export interface ProcedureKnowledge {
  /** Null while nothing is judged: the policy is off, or no complete catalogue was ever read. Rejects with UnavailableError. */
  current(): Promise<ProcedureBook | null>;
}
