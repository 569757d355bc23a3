-- Evidence: what was exchanged, changed and done by hand, each record linked to the one before it in its chain (docs/decisions/0009).
-- Insert-only throughout: a chain's head is its last record, membership in a block is a row of its own.

CREATE TABLE evidence (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  chain          text NOT NULL,
  sequence       bigint NOT NULL,
  at             timestamptz NOT NULL,
  kind           text NOT NULL,
  actor          text NOT NULL,
  subject        text NOT NULL,
  -- SHA-256 of the canonical message; the message itself is in evidence_bodies, or is the journal's row `attempt_id`.
  message_digest bytea NOT NULL,
  previous       bytea NOT NULL,
  digest         bytea NOT NULL,
  attempt_id     bigint,
  UNIQUE (chain, sequence)
);

CREATE TABLE evidence_bodies (
  evidence_id bigint PRIMARY KEY,
  body        text NOT NULL
);

-- What no block holds yet. Bookkeeping, not evidence: a record that is missing here and in the seals is found by the verifier.
CREATE TABLE evidence_unsealed (evidence_id bigint PRIMARY KEY);

CREATE TABLE evidence_blocks (
  number       bigint PRIMARY KEY,
  at           timestamptz NOT NULL,
  record_count integer NOT NULL,
  root         bytea NOT NULL,
  previous     bytea NOT NULL,
  digest       bytea NOT NULL
);
-- Repeats chain and sequence, so that a deleted record can still be named.
CREATE TABLE evidence_seals (
  evidence_id bigint PRIMARY KEY,
  block       bigint NOT NULL,
  position    integer NOT NULL,
  chain       text NOT NULL,
  sequence    bigint NOT NULL,
  digest      bytea NOT NULL,
  UNIQUE (block, position)
);
CREATE INDEX evidence_seals_chain ON evidence_seals (chain, sequence);

CREATE TABLE evidence_heads (
  number      bigint PRIMARY KEY,
  at          timestamptz NOT NULL,
  first_block bigint NOT NULL,
  last_block  bigint NOT NULL,
  root        bytea NOT NULL,
  previous    bytea NOT NULL,
  digest      bytea NOT NULL,
  key_id      text NOT NULL,
  signature   bytea NOT NULL
);

CREATE TYPE evidence_entry AS (chain text, kind text, actor text, subject text, message text, attempt_id bigint);

-- The canonical encoding: each field as `<length in bytes>:<text>,`. src/evidence/canonical-digest.ts computes the same.
CREATE FUNCTION evidence_field(p text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT octet_length(convert_to(p, 'UTF8')) || ':' || p || ','
$$;
CREATE FUNCTION evidence_time(p timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT to_char(p AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;
CREATE FUNCTION evidence_digest(p evidence) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(convert_to(evidence_field('onestop-evidence-1') || evidence_field(p.chain) || evidence_field(p.sequence::text)
    || evidence_field(evidence_time(p.at)) || evidence_field(p.kind) || evidence_field(p.actor) || evidence_field(p.subject)
    || evidence_field(encode(p.message_digest, 'hex')) || evidence_field(encode(p.previous, 'hex')), 'UTF8'))
$$;

-- Appends in the caller's transaction, the whole list in a few statements. Chains are locked in one order until commit, so what a
-- reader sees of a chain has no gap. Several entries of one chain take a round each.
CREATE FUNCTION append_evidence(p_entries evidence_entry[]) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_rounds integer;
  v_at timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock(k) FROM (SELECT DISTINCT hashtextextended(e.chain, 5) AS k FROM unnest(p_entries) AS e ORDER BY 1) AS locks;
  SELECT max(n) INTO v_rounds FROM (SELECT count(*) AS n FROM unnest(p_entries) AS e GROUP BY e.chain) AS counted;
  v_at := clock_timestamp();
  FOR v_round IN 1 .. coalesce(v_rounds, 0) LOOP
    WITH entry AS (
      SELECT e.*, row_number() OVER (PARTITION BY e.chain ORDER BY e.ord) AS nth
        FROM unnest(p_entries) WITH ORDINALITY AS e (chain, kind, actor, subject, message, attempt_id, ord)
    ), linked AS (
      SELECT e.*, sha256(convert_to(e.message, 'UTF8')) AS message_digest, coalesce(head.sequence, 0) + 1 AS sequence,
             coalesce(head.digest, decode(repeat('00', 32), 'hex')) AS previous
        FROM entry e LEFT JOIN LATERAL (SELECT x.sequence, x.digest FROM evidence x WHERE x.chain = e.chain ORDER BY x.sequence DESC LIMIT 1) AS head ON true
        WHERE e.nth = v_round
    ), put AS (
      INSERT INTO evidence (chain, sequence, at, kind, actor, subject, message_digest, previous, digest, attempt_id)
      SELECT l.chain, l.sequence, v_at, l.kind, l.actor, l.subject, l.message_digest, l.previous,
             evidence_digest(ROW(0, l.chain, l.sequence, v_at, l.kind, l.actor, l.subject, l.message_digest, l.previous, NULL, NULL)::evidence), l.attempt_id
        FROM linked l RETURNING id, chain
    ), queued AS (
      INSERT INTO evidence_unsealed (evidence_id) SELECT id FROM put
    )
    INSERT INTO evidence_bodies (evidence_id, body) SELECT put.id, l.message FROM put JOIN linked l USING (chain) WHERE l.attempt_id IS NULL;
  END LOOP;
END $$;

-- The canonical message of one attempt: redacted when it was journaled. jsonb writes the same value the same way each time.
CREATE FUNCTION attempt_message(p attempts) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('deliveryId', p.delivery_id::text, 'number', p.number, 'purpose', p.purpose, 'startedAt', evidence_time(p.started_at),
    'durationMs', p.duration_ms, 'outcome', p.outcome, 'errorKind', p.error_kind, 'errorCode', p.error_code,
    'correlationId', p.correlation_id, 'exchanges', p.exchanges)::text
$$;

CREATE FUNCTION evidence_of_attempts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM append_evidence(array_agg(ROW('lane/' || coalesce(d.lane, 'delivery-' || a.delivery_id), 'exchange', coalesce('party/' || d.party, 'gateway'),
      'delivery/' || a.delivery_id, attempt_message(ROW(a.*)::attempts), a.id)::evidence_entry ORDER BY a.id))
    FROM added a LEFT JOIN deliveries d ON d.id = a.delivery_id;
  RETURN NULL;
END $$;
CREATE TRIGGER attempts_evidence AFTER INSERT ON attempts REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION evidence_of_attempts();

CREATE FUNCTION evidence_of_operator_action() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM append_evidence(ARRAY[ROW(coalesce('lane/' || (NEW.detail->>'dossier'), 'operators'), 'operator-action', 'operator/' || NEW.actor, NEW.target,
    jsonb_build_object('action', NEW.action, 'actor', NEW.actor, 'role', NEW.role, 'target', NEW.target, 'reason', NEW.reason, 'detail', NEW.detail)::text,
    NULL)::evidence_entry]);
  RETURN NULL;
END $$;
CREATE TRIGGER operator_actions_evidence AFTER INSERT ON operator_actions FOR EACH ROW EXECUTE FUNCTION evidence_of_operator_action();

-- Every mutation keeps its answer under its key, so no mutation can forget its record: one in the chain of each dossier it accepted,
-- else one in the chain of its client.
CREATE FUNCTION evidence_of_mutation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_message jsonb := jsonb_build_object('operation', NEW.operation, 'client', NEW.client, 'key', NEW.key, 'fingerprint', encode(NEW.fingerprint, 'hex'),
    'outcomes', jsonb_path_query_array(NEW.response, 'strict $.answer[*].kind', '{}', true),
    'responseDigest', encode(sha256(convert_to(NEW.response::text, 'UTF8')), 'hex'));
  v_codes text[];
BEGIN
  SELECT array_agg(DISTINCT code) INTO v_codes FROM (
    SELECT value #>> '{}' AS code FROM jsonb_path_query(NEW.response, 'strict $.stored[*].code', '{}', true) AS value
    UNION SELECT value #>> '{}' FROM jsonb_path_query(NEW.response, 'strict $.answer[*] ? (@.kind == "accepted").dossierCode', '{}', true) AS value
    UNION SELECT s.dossier_code FROM status_reports s WHERE s.id = (NEW.response->>'reportId')::bigint) AS codes;
  PERFORM append_evidence(array_agg(ROW(coalesce('lane/' || code, 'client/' || NEW.client), 'mutation', 'client/' || NEW.client, NEW.operation,
      (v_message || jsonb_build_object('dossierCode', code, 'stored', jsonb_path_query_first(NEW.response, 'strict $.stored[*] ? (@.code == $code)',
        jsonb_build_object('code', code), true)))::text, NULL)::evidence_entry ORDER BY code))
    FROM unnest(coalesce(v_codes, ARRAY[NULL]::text[])) AS code;
  RETURN NULL;
END $$;
CREATE TRIGGER idempotency_keys_evidence AFTER INSERT ON idempotency_keys
  FOR EACH ROW WHEN (NEW.response <> 'null'::jsonb) EXECUTE FUNCTION evidence_of_mutation();
-- `once` writes its key first and the answer when the work is done.
CREATE TRIGGER idempotency_keys_answered AFTER UPDATE OF response ON idempotency_keys
  FOR EACH ROW WHEN (OLD.response = 'null'::jsonb AND NEW.created_at = OLD.created_at) EXECUTE FUNCTION evidence_of_mutation();

CREATE FUNCTION refuse_change_of_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: evidence is only added', TG_OP, TG_TABLE_NAME USING ERRCODE = 'OG002';
END $$;
CREATE TRIGGER evidence_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence EXECUTE FUNCTION refuse_change_of_evidence();
CREATE TRIGGER evidence_blocks_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence_blocks EXECUTE FUNCTION refuse_change_of_evidence();
CREATE TRIGGER evidence_seals_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence_seals EXECUTE FUNCTION refuse_change_of_evidence();
CREATE TRIGGER evidence_heads_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence_heads EXECUTE FUNCTION refuse_change_of_evidence();
CREATE TRIGGER evidence_bodies_never_changed BEFORE UPDATE OR TRUNCATE ON evidence_bodies EXECUTE FUNCTION refuse_change_of_evidence();

-- Legal hold: nothing of that dossier's bodies, journal or personal fields is deleted while a row stands.
CREATE TABLE legal_holds (
  dossier_code text PRIMARY KEY,
  reason       text NOT NULL,
  placed_by    text NOT NULL,
  placed_at    timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION refuse_deletion_under_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM evidence e JOIN legal_holds h ON e.chain = 'lane/' || h.dossier_code WHERE e.id = OLD.evidence_id) THEN
    RAISE EXCEPTION 'body % is under legal hold', OLD.evidence_id USING ERRCODE = 'OG003';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER evidence_bodies_hold BEFORE DELETE ON evidence_bodies FOR EACH ROW EXECUTE FUNCTION refuse_deletion_under_hold();

-- The only way for the gateway's role to delete bodies. Returns how many went.
CREATE FUNCTION delete_evidence_bodies(p_ids bigint[]) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_count integer;
BEGIN
  DELETE FROM evidence_bodies WHERE evidence_id = ANY (p_ids);
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END $$;
REVOKE EXECUTE ON FUNCTION delete_evidence_bodies(bigint[]) FROM PUBLIC;

-- Rights of the role under which the gateway runs: everything that it needs, and evidence only to add and read.
CREATE FUNCTION grant_gateway_role(p_role name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_schema name;
BEGIN
  FOR v_schema IN SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema' LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', v_schema, p_role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I', v_schema, p_role);
    EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO %I', v_schema, p_role);
    EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %I TO %I', v_schema, p_role);
  END LOOP;
  EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON evidence, evidence_bodies, evidence_blocks, evidence_seals, evidence_heads, operator_actions FROM %I', p_role);
  EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM %I', p_role);
  EXECUTE format('REVOKE EXECUTE ON FUNCTION grant_gateway_role(name) FROM %I', p_role);
END $$;
REVOKE EXECUTE ON FUNCTION grant_gateway_role(name) FROM PUBLIC;
