-- Retention and erasure. A person is found by a keyed digest of his id number, never by the number (src/dossiers/person-index.ts).

CREATE TABLE dossier_persons (
  dossier_code text NOT NULL,
  person_index bytea NOT NULL,
  PRIMARY KEY (dossier_code, person_index)
);
CREATE INDEX dossier_persons_person ON dossier_persons (person_index);

CREATE TABLE dossier_erasures (
  dossier_code text PRIMARY KEY,
  erased_by    text NOT NULL,
  erased_at    timestamptz NOT NULL DEFAULT now()
);

-- Asked for by one person, done by another.
CREATE TABLE erasure_requests (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_index bytea NOT NULL,
  reason       text NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT now(),
  approved_by  text,
  approved_at  timestamptz,
  CHECK (approved_by IS DISTINCT FROM requested_by),
  CHECK ((approved_by IS NULL) = (approved_at IS NULL))
);

CREATE INDEX evidence_age ON evidence USING brin (at);

-- One batch of expired bodies, or an exception that undoes it: what goes must be what the records say, and as many as were chosen.
CREATE FUNCTION expire_evidence_bodies(p_keep_days integer, p_limit integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  v_ids bigint[];
  v_deleted integer;
BEGIN
  SELECT array_agg(id) INTO v_ids FROM (
    SELECT e.id FROM evidence e JOIN evidence_bodies b ON b.evidence_id = e.id
      WHERE e.at < now() - p_keep_days * interval '1 day' AND sha256(convert_to(b.body, 'UTF8')) = e.message_digest
        AND NOT EXISTS (SELECT 1 FROM legal_holds h WHERE e.chain = 'lane/' || h.dossier_code)
      ORDER BY e.id LIMIT p_limit) AS expired;
  IF v_ids IS NULL THEN RETURN 0; END IF;
  v_deleted := delete_evidence_bodies(v_ids);
  IF v_deleted <> cardinality(v_ids) THEN RAISE EXCEPTION '% of % bodies were deleted', v_deleted, cardinality(v_ids); END IF;
  RETURN v_deleted;
END $$;
