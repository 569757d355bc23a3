/** What readiness must know of bank accounts; the register that keeps them implements it. */
export interface AgencyAccountsPort {
  /**
   * Of these identity codes, the agencies that have an active account into which fees can be paid now. Effect class `read`, answered from
   * our own database: one statement for any number of codes. Rejects when that cannot be asked, and nobody is then called ready.
   */
  activeAccountAgencies(codes: readonly string[]): Promise<ReadonlySet<string>>;
}
