/** The carrier's side of the outbox: says "there is work for this party". Losing a ring only delays work until the next sweep. */
export interface Bell {
  /** Returns at once; a carrier that is down is logged and counted, never waited for. */
  ring(party: string): void;
}
