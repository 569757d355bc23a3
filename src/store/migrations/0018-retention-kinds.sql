-- What else expires: what parties sent us, logins, refused access. Holds on persons beside those on dossiers.

-- Which dossier a message turned out to be about, where it is about one: a hold keeps its body, an erasure takes it.
ALTER TABLE callbacks ADD COLUMN dossier_code text;
CREATE INDEX callbacks_dossier ON callbacks (dossier_code) WHERE dossier_code IS NOT NULL;
CREATE INDEX callbacks_bodies ON callbacks (received_at) WHERE body IS NOT NULL AND state <> 'received';

-- Nothing is deleted of any dossier in which the person occurs, now or later. Known by the keyed digest of the id number only.
CREATE TABLE person_holds (
  person_index bytea PRIMARY KEY,
  reason       text NOT NULL,
  placed_by    text NOT NULL,
  placed_at    timestamptz NOT NULL DEFAULT now()
);

CREATE VIEW held_dossiers AS
  SELECT dossier_code FROM legal_holds UNION ALL SELECT p.dossier_code FROM person_holds h JOIN dossier_persons p USING (person_index);
CREATE VIEW held_chains AS
  SELECT 'lane/' || dossier_code AS chain FROM held_dossiers
  UNION ALL SELECT 'callback/' || c.party || '/' || c.id FROM callbacks c JOIN held_dossiers h USING (dossier_code);

CREATE OR REPLACE FUNCTION refuse_deletion_under_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM evidence e JOIN held_chains h USING (chain) WHERE e.id = OLD.evidence_id) THEN
    RAISE EXCEPTION 'body % is under legal hold', OLD.evidence_id USING ERRCODE = 'OG003';
  END IF;
  RETURN OLD;
END $$;

CREATE FUNCTION refuse_callback_deletion_under_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM held_dossiers h WHERE h.dossier_code = OLD.dossier_code) THEN
    RAISE EXCEPTION 'callback % is under legal hold', OLD.id USING ERRCODE = 'OG003';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER callbacks_hold BEFORE UPDATE OF body ON callbacks FOR EACH ROW WHEN (OLD.body IS NOT NULL AND NEW.body IS NULL)
  EXECUTE FUNCTION refuse_callback_deletion_under_hold();
CREATE TRIGGER callbacks_hold_row BEFORE DELETE ON callbacks FOR EACH ROW EXECUTE FUNCTION refuse_callback_deletion_under_hold();

CREATE OR REPLACE FUNCTION expire_evidence_bodies(p_keep_days integer, p_limit integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  v_ids bigint[];
  v_deleted integer;
BEGIN
  SELECT array_agg(id) INTO v_ids FROM (
    SELECT e.id FROM evidence e JOIN evidence_bodies b ON b.evidence_id = e.id
      WHERE e.at < now() - p_keep_days * interval '1 day' AND sha256(convert_to(b.body, 'UTF8')) = e.message_digest
        AND NOT EXISTS (SELECT 1 FROM held_chains h WHERE h.chain = e.chain)
      ORDER BY e.id LIMIT p_limit) AS expired;
  IF v_ids IS NULL THEN RETURN 0; END IF;
  v_deleted := delete_evidence_bodies(v_ids);
  IF v_deleted <> cardinality(v_ids) THEN RAISE EXCEPTION '% of % bodies were deleted', v_deleted, cardinality(v_ids); END IF;
  RETURN v_deleted;
END $$;

-- One batch of bodies of settled messages, or an exception that undoes it. One for whose end the evidence does not vouch stays.
CREATE FUNCTION expire_callback_bodies(p_keep_days integer, p_limit integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  v_ids bigint[];
  v_count integer;
BEGIN
  SELECT array_agg(id) INTO v_ids FROM (
    SELECT c.id FROM callbacks c
      WHERE c.body IS NOT NULL AND c.state <> 'received' AND c.received_at < now() - p_keep_days * interval '1 day'
        AND EXISTS (SELECT 1 FROM evidence e WHERE e.chain = 'callback/' || c.party || '/' || c.id AND e.kind = 'callback-' || c.state)
        AND NOT EXISTS (SELECT 1 FROM held_dossiers h WHERE h.dossier_code = c.dossier_code)
      ORDER BY c.received_at LIMIT p_limit FOR UPDATE OF c SKIP LOCKED) AS expired;
  IF v_ids IS NULL THEN RETURN 0; END IF;
  UPDATE callbacks SET body = NULL WHERE id = ANY (v_ids);
  GET DIAGNOSTICS v_count = ROW_COUNT;
  IF v_count <> cardinality(v_ids) THEN RAISE EXCEPTION '% of % bodies of callbacks were deleted', v_count, cardinality(v_ids); END IF;
  RETURN v_count;
END $$;

-- The floor of the policy: whoever has the gateway's role cannot remove the traces of yesterday.
CREATE FUNCTION refuse_deletion_of_young_logins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.at > now() - interval '90 days' THEN
    RAISE EXCEPTION 'DELETE of login_events is refused within 90 days' USING ERRCODE = 'OG002';
  END IF;
  RETURN OLD;
END $$;
DROP TRIGGER login_events_only_added ON login_events;
CREATE TRIGGER login_events_only_added BEFORE UPDATE OR TRUNCATE ON login_events EXECUTE FUNCTION refuse_change_of_login_events();
CREATE TRIGGER login_events_kept BEFORE DELETE ON login_events FOR EACH ROW EXECUTE FUNCTION refuse_deletion_of_young_logins();
CREATE INDEX login_events_age ON login_events USING brin (at);

CREATE FUNCTION expire_login_events(p_keep_days integer, p_limit integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  v_ids bigint[];
  v_count integer;
BEGIN
  SELECT array_agg(id) INTO v_ids FROM (
    SELECT id FROM login_events WHERE at < now() - p_keep_days * interval '1 day' ORDER BY id LIMIT p_limit FOR UPDATE SKIP LOCKED) AS expired;
  IF v_ids IS NULL THEN RETURN 0; END IF;
  DELETE FROM login_events WHERE id = ANY (v_ids);
  GET DIAGNOSTICS v_count = ROW_COUNT;
  IF v_count <> cardinality(v_ids) THEN RAISE EXCEPTION '% of % login events were deleted', v_count, cardinality(v_ids); END IF;
  RETURN v_count;
END $$;

-- What somebody named who must not know of callbacks is kept like the rest.
ALTER TABLE access_attempts DROP CONSTRAINT access_attempts_target_kind_check;
ALTER TABLE access_attempts ADD CONSTRAINT access_attempts_target_kind_check CHECK (target_kind IN ('agency', 'dossier', 'delivery', 'callback', 'payment'));

CREATE FUNCTION access_attempt_is_held(p_kind text, p_target text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT CASE p_kind
    WHEN 'dossier' THEN EXISTS (SELECT 1 FROM held_dossiers h WHERE h.dossier_code = p_target)
    WHEN 'delivery' THEN EXISTS (SELECT 1 FROM deliveries d JOIN held_dossiers h ON h.dossier_code = d.subject_key WHERE d.id = CASE WHEN p_kind = 'delivery' THEN p_target::bigint END)
    WHEN 'callback' THEN EXISTS (SELECT 1 FROM callbacks c JOIN held_dossiers h USING (dossier_code) WHERE c.id = CASE WHEN p_kind = 'callback' THEN p_target::bigint END)
    ELSE false END
$$;

-- An attempt goes only where the evidence tells of it, which it does for ever. The record was written with the first of the day.
CREATE FUNCTION expire_access_attempts(p_keep_days integer, p_limit integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  v_count integer;
BEGIN
  DELETE FROM access_attempts x USING (
    SELECT a.day, a.client, a.operation, a.target_kind, a.target FROM access_attempts a
      WHERE a.last_at < now() - p_keep_days * interval '1 day' AND a.day < (now() - p_keep_days * interval '1 day')::date
        AND EXISTS (SELECT 1 FROM evidence e WHERE e.at BETWEEN a.first_at AND a.first_at + interval '1 hour'
          AND e.chain = 'client/' || a.client AND e.kind = 'access-refused' AND e.subject = a.target_kind || '/' || a.target)
        AND NOT access_attempt_is_held(a.target_kind, a.target)
      ORDER BY a.day LIMIT p_limit FOR UPDATE OF a SKIP LOCKED) AS expired
    WHERE (x.day, x.client, x.operation, x.target_kind, x.target) = (expired.day, expired.client, expired.operation, expired.target_kind, expired.target);
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END $$;
