-- Appends as before, record by record the same bytes, at a fraction of the cost: one record in plain statements, whose plans are kept; a list
-- with its ids drawn first, so that what was put need not be found again by its chain.
DROP FUNCTION evidence_digest(evidence);
DROP FUNCTION evidence_field(text);
-- The encoding of src/evidence/canonical-digest.ts.
CREATE FUNCTION evidence_digest(p_chain text, p_sequence bigint, p_time text, p_kind text, p_actor text, p_subject text, p_message_digest bytea, p_previous bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN sha256(convert_to('18:onestop-evidence-1,'
    || octet_length(convert_to(p_chain, 'UTF8')) || ':' || p_chain || ',' || length(p_sequence::text) || ':' || p_sequence || ',' || length(p_time) || ':' || p_time || ','
    || octet_length(convert_to(p_kind, 'UTF8')) || ':' || p_kind || ',' || octet_length(convert_to(p_actor, 'UTF8')) || ':' || p_actor || ','
    || octet_length(convert_to(p_subject, 'UTF8')) || ':' || p_subject || ',64:' || encode(p_message_digest, 'hex') || ',64:' || encode(p_previous, 'hex') || ',', 'UTF8'));
END $$;

-- Called by append_evidence, under its settings.
CREATE FUNCTION append_evidence_record(p evidence_entry) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_at timestamptz;
  v_sequence bigint;
  v_previous bytea;
  v_message_digest bytea := sha256(convert_to(p.message, 'UTF8'));
  v_id bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(p.chain, 5));
  v_at := clock_timestamp();
  SELECT x.sequence, x.digest INTO v_sequence, v_previous FROM evidence x WHERE x.chain = p.chain ORDER BY x.sequence DESC LIMIT 1;
  v_sequence := coalesce(v_sequence, 0) + 1;
  v_previous := coalesce(v_previous, decode(repeat('00', 32), 'hex'));
  INSERT INTO evidence (chain, sequence, at, kind, actor, subject, message_digest, previous, digest, attempt_id)
    VALUES (p.chain, v_sequence, v_at, p.kind, p.actor, p.subject, v_message_digest, v_previous,
      evidence_digest(p.chain, v_sequence, evidence_time(v_at), p.kind, p.actor, p.subject, v_message_digest, v_previous), p.attempt_id) RETURNING id INTO v_id;
  INSERT INTO evidence_unsealed (evidence_id) VALUES (v_id);
  IF p.attempt_id IS NULL THEN INSERT INTO evidence_bodies (evidence_id, body) VALUES (v_id, p.message); END IF;
END $$;

CREATE OR REPLACE FUNCTION append_evidence(p_entries evidence_entry[]) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_rounds integer;
  v_at timestamptz;
  v_time text;
BEGIN
  IF cardinality(p_entries) = 1 THEN
    PERFORM append_evidence_record(p_entries[1]);
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(k) FROM (SELECT DISTINCT hashtextextended(e.chain, 5) AS k FROM unnest(p_entries) AS e ORDER BY 1) AS locks;
  SELECT max(n) INTO v_rounds FROM (SELECT count(*) AS n FROM unnest(p_entries) AS e GROUP BY e.chain) AS counted;
  v_at := clock_timestamp();
  v_time := evidence_time(v_at);
  FOR v_round IN 1 .. coalesce(v_rounds, 0) LOOP
    WITH entry AS (
      SELECT e.*, row_number() OVER (PARTITION BY e.chain ORDER BY e.ord) AS nth
        FROM unnest(p_entries) WITH ORDINALITY AS e (chain, kind, actor, subject, message, attempt_id, ord)
    ), linked AS MATERIALIZED (
      SELECT e.*, nextval('evidence_id_seq') AS id, sha256(convert_to(e.message, 'UTF8')) AS message_digest, coalesce(head.sequence, 0) + 1 AS sequence,
             coalesce(head.digest, '\x0000000000000000000000000000000000000000000000000000000000000000'::bytea) AS previous
        FROM entry e LEFT JOIN LATERAL (SELECT x.sequence, x.digest FROM evidence x WHERE x.chain = e.chain ORDER BY x.sequence DESC LIMIT 1) AS head ON true
        WHERE e.nth = v_round
    ), put AS (
      INSERT INTO evidence (id, chain, sequence, at, kind, actor, subject, message_digest, previous, digest, attempt_id) OVERRIDING SYSTEM VALUE
      SELECT l.id, l.chain, l.sequence, v_at, l.kind, l.actor, l.subject, l.message_digest, l.previous,
             evidence_digest(l.chain, l.sequence, v_time, l.kind, l.actor, l.subject, l.message_digest, l.previous), l.attempt_id
        FROM linked l
    ), queued AS (
      INSERT INTO evidence_unsealed (evidence_id) SELECT l.id FROM linked l
    )
    INSERT INTO evidence_bodies (evidence_id, body) SELECT l.id, l.message FROM linked l WHERE l.attempt_id IS NULL;
  END LOOP;
END $$;

-- A mutation that names its dossier is recorded in that dossier's chain. In its client's chain each such mutation would wait until the one
-- before it has committed, and an export of the dossier would not hold it.
ALTER TABLE idempotency_keys ADD COLUMN dossier_code text;
CREATE OR REPLACE FUNCTION evidence_of_mutation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_message jsonb := jsonb_build_object('operation', NEW.operation, 'client', NEW.client, 'key', NEW.key, 'fingerprint', encode(NEW.fingerprint, 'hex'),
    'outcomes', jsonb_path_query_array(NEW.response, 'strict $.answer[*].kind', '{}', true),
    'responseDigest', encode(sha256(convert_to(NEW.response::text, 'UTF8')), 'hex'));
  v_codes text[];
BEGIN
  IF NEW.dossier_code IS NOT NULL THEN
    v_codes := ARRAY[NEW.dossier_code];
  ELSE
    SELECT array_agg(DISTINCT code) INTO v_codes FROM (
      SELECT value #>> '{}' AS code FROM jsonb_path_query(NEW.response, 'strict $.stored[*].code', '{}', true) AS value
      UNION SELECT value #>> '{}' FROM jsonb_path_query(NEW.response, 'strict $.answer[*] ? (@.kind == "accepted").dossierCode', '{}', true) AS value
      UNION SELECT s.dossier_code FROM status_reports s WHERE s.id = (NEW.response->>'reportId')::bigint) AS codes;
  END IF;
  PERFORM append_evidence(array_agg(ROW(coalesce('lane/' || code, 'client/' || NEW.client), 'mutation', 'client/' || NEW.client, NEW.operation,
      (v_message || jsonb_build_object('dossierCode', code, 'stored', jsonb_path_query_first(NEW.response, 'strict $.stored[*] ? (@.code == $code)',
        jsonb_build_object('code', code), true)))::text, NULL)::evidence_entry ORDER BY code))
    FROM unnest(coalesce(v_codes, ARRAY[NULL]::text[])) AS code;
  RETURN NULL;
END $$;
