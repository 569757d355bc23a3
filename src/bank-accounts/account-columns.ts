/** Columns of `bank_accounts a` under the names of `SealedBankAccount`. */
export const ACCOUNT_COLUMNS = `a.id, a.agency_code AS "agencyCode", a.bank_code AS "bankCode", a.bank_bin AS "bankBin", a.state, a.number_last4 AS "numberLast4", a.purpose,
  a.fee_kinds AS "feeKinds", a.valid_from::text AS "validFrom", a.valid_to::text AS "validTo", a.replaces, a.name_check AS "nameCheck", a.name_score::float8 AS "nameScore",
  a.name_checked_by AS "nameCheckedBy", a.name_checked_at AS "nameCheckedAt", a.requested_by AS "requestedBy", a.requested_at AS "requestedAt", a.approved_by AS "approvedBy",
  a.approved_at AS "approvedAt", a.usable_at AS "usableAt", a.state_at AS "stateAt", a.revision, a.key_id AS "keyId", a.number_sealed AS "numberSealed",
  a.holder_sealed AS "holderSealed", a.contact_sealed AS "contactSealed"`;
