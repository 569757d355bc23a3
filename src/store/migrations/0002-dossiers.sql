-- Dossiers as the portal gave them. Personal fields inside `content` are sealed one by one by the program; nothing here reads them.

CREATE SEQUENCE dossier_version_ids;
CREATE TABLE dossiers (
  code             text PRIMARY KEY,
  client           text NOT NULL,
  -- Counts every accepted change, steps too: what a caller validated against.
  revision         integer NOT NULL,
  version          integer NOT NULL,
  version_id       bigint NOT NULL,
  status           text NOT NULL,
  agency_code      text NOT NULL,
  procedure_code   text NOT NULL,
  content_digest   bytea NOT NULL,
  quality_flags    text[] NOT NULL DEFAULT '{}',
  last_step_status text,
  last_step_at     timestamptz,
  created_at       timestamptz NOT NULL DEFAULT now(),
  updated_at       timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);
CREATE INDEX dossiers_updated ON dossiers (updated_at, code);

-- What the portal said each time; changed afterwards only by re-sealing under a newer key.
CREATE TABLE dossier_versions (
  id           bigint PRIMARY KEY,
  dossier_code text NOT NULL,
  version      integer NOT NULL,
  status       text NOT NULL,
  key_id       text NOT NULL,
  content      json NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now()
);
ALTER SEQUENCE dossier_version_ids OWNED BY dossier_versions.id;

-- What the registry answered. A table of its own: acceptance locks dossiers, settling locks these, and neither waits for the other.
CREATE TABLE dossier_registrations (
  dossier_code            text PRIMARY KEY,
  acknowledged_version    integer,
  acknowledged_version_id bigint,
  acknowledged_status     text,
  acknowledged_at         timestamptz,
  rejected_version        integer,
  rejected_delivery_id    bigint,
  rejected_reason         text,
  rejected_text           text,
  rejected_at             timestamptz
) WITH (fillfactor = 80);

CREATE SEQUENCE dossier_step_ids;
CREATE TABLE dossier_steps (
  id              bigint NOT NULL,
  dossier_code    text NOT NULL,
  -- Id of the first step that travels in the same delivery; the delivery's subject.
  batch_id        bigint NOT NULL,
  status          text NOT NULL,
  processed_at    timestamptz NOT NULL,
  key_id          text NOT NULL,
  content         json NOT NULL,
  national_state  text NOT NULL DEFAULT 'PENDING' CHECK (national_state IN ('PENDING', 'ACKNOWLEDGED', 'REJECTED')),
  national_reason text,
  national_text   text,
  national_at     timestamptz,
  created_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (dossier_code, id)
) WITH (fillfactor = 85);
ALTER SEQUENCE dossier_step_ids OWNED BY dossier_steps.id;

-- Statuses owed to the registry for dossiers that came from it.
CREATE TABLE status_reports (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dossier_code    text NOT NULL,
  national_code   text NOT NULL,
  client          text NOT NULL,
  status          text NOT NULL,
  processed_at    timestamptz NOT NULL,
  key_id          text NOT NULL,
  content         json NOT NULL,
  national_state  text NOT NULL DEFAULT 'PENDING' CHECK (national_state IN ('PENDING', 'ACKNOWLEDGED', 'REJECTED')),
  national_reason text,
  national_text   text,
  national_at     timestamptz,
  created_at      timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 85);
CREATE INDEX status_reports_dossier ON status_reports (dossier_code, id);

-- Takes an idempotency key for this transaction. NULL: it is free. Else what was answered under it.
CREATE FUNCTION claim_idempotency_key(p_client text, p_key text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_row idempotency_keys;
BEGIN
  -- Simultaneous calls with one key wait here for each other, so the answer is written once and never updated.
  PERFORM pg_advisory_xact_lock(hashtextextended(p_client || ' ' || p_key, 2));
  SELECT * INTO v_row FROM idempotency_keys WHERE client = p_client AND key = p_key;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF v_row.expires_at <= now() THEN
    DELETE FROM idempotency_keys WHERE client = p_client AND key = p_key;
    RETURN NULL;
  END IF;
  RETURN jsonb_build_object('outcome', 'known', 'operation', v_row.operation, 'fingerprint', encode(v_row.fingerprint, 'hex'),
    'response', v_row.response, 'expiresAt', v_row.expires_at);
END $$;

CREATE FUNCTION keep_idempotent_answer(p jsonb, p_response jsonb) RETURNS timestamptz LANGUAGE sql AS $$
  INSERT INTO idempotency_keys (client, key, operation, fingerprint, response, expires_at)
    VALUES (p->>'client', p->>'key', p->>'operation', decode(p->>'fingerprint', 'hex'), p_response,
            now() + (p->>'keepMs')::bigint * interval '1 millisecond')
    RETURNING expires_at
$$;

-- What a caller must know of dossiers before it can judge a change to them.
CREATE FUNCTION dossier_states(p_codes text[]) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('code', d.code, 'client', d.client, 'revision', d.revision, 'version', d.version,
      'status', d.status, 'digest', encode(d.content_digest, 'hex'), 'flags', to_jsonb(d.quality_flags),
      'lastStepStatus', d.last_step_status, 'lastStepAt', d.last_step_at,
      'refused', r.rejected_delivery_id IS NOT NULL)), '[]')
    FROM dossiers d LEFT JOIN dossier_registrations r ON r.dossier_code = d.code WHERE d.code = ANY (p_codes)
$$;

-- Stores the steps of one item and owes them to the party, so many a delivery.
CREATE FUNCTION store_steps(p jsonb, p_code text, p_steps jsonb, OUT step_ids bigint[], OUT delivery_ids bigint[]) LANGUAGE plpgsql AS $$
DECLARE
  v_step jsonb;
  v_id bigint;
  v_batch bigint;
  v_in_batch integer := 0;
BEGIN
  FOR v_step IN SELECT value FROM jsonb_array_elements(p_steps) LOOP
    v_id := nextval('dossier_step_ids');
    IF v_in_batch % (p->>'stepsPerDelivery')::integer = 0 THEN
      v_batch := v_id;
      delivery_ids := delivery_ids || enqueue_delivery(p->>'party', 'append-steps', p_code, v_batch, p_code,
        (p->>'maxAgeMs')::bigint, p->>'correlationId', p->>'traceparent');
    END IF;
    v_in_batch := v_in_batch + 1;
    INSERT INTO dossier_steps (id, dossier_code, batch_id, status, processed_at, key_id, content)
      VALUES (v_id, p_code, v_batch, v_step->>'status', (v_step->>'processedAt')::timestamptz, p->>'keyId', (v_step->>'content')::json);
    step_ids := step_ids || v_id;
  END LOOP;
END $$;

-- One accepted change of one dossier. `content` absent: only steps are appended.
CREATE FUNCTION store_dossier(p jsonb, p_item jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_code text := p_item->>'code';
  v_version_id bigint;
  v_deliveries bigint[] := '{}';
  v_steps record;
BEGIN
  IF p_item ? 'content' THEN
    v_version_id := nextval('dossier_version_ids');
    INSERT INTO dossier_versions (id, dossier_code, version, status, key_id, content)
      VALUES (v_version_id, v_code, (p_item->>'version')::integer, p_item->>'status', p->>'keyId', (p_item->>'content')::json);
    INSERT INTO dossier_persons (dossier_code, person_index)
      SELECT v_code, decode(value, 'hex') FROM jsonb_array_elements_text(p_item->'persons') ON CONFLICT DO NOTHING;
  END IF;
  IF (p_item->>'expected')::integer = 0 THEN
    INSERT INTO dossiers (code, client, revision, version, version_id, status, agency_code, procedure_code, content_digest,
                          quality_flags, last_step_status, last_step_at)
      VALUES (v_code, p->>'client', 1, 1, v_version_id, p_item->>'status', p_item->>'agencyCode', p_item->>'procedureCode',
              decode(p_item->>'digest', 'hex'), ARRAY(SELECT jsonb_array_elements_text(p_item->'flags')),
              p_item->>'lastStepStatus', (p_item->>'lastStepAt')::timestamptz)
      ON CONFLICT (code) DO NOTHING;
    -- Created by another call since it was looked for: all of this call is undone and tried again by the program.
    IF NOT FOUND THEN RAISE EXCEPTION 'dossier created meanwhile' USING ERRCODE = 'OG001'; END IF;
  ELSE
    UPDATE dossiers SET revision = revision + 1, version = coalesce((p_item->>'version')::integer, version),
        version_id = coalesce(v_version_id, version_id), status = coalesce(p_item->>'status', status),
        agency_code = coalesce(p_item->>'agencyCode', agency_code), procedure_code = coalesce(p_item->>'procedureCode', procedure_code),
        content_digest = coalesce(decode(p_item->>'digest', 'hex'), content_digest),
        quality_flags = ARRAY(SELECT jsonb_array_elements_text(p_item->'flags')),
        last_step_status = p_item->>'lastStepStatus', last_step_at = (p_item->>'lastStepAt')::timestamptz, updated_at = now()
      WHERE code = v_code;
  END IF;
  IF v_version_id IS NOT NULL THEN
    v_deliveries := v_deliveries || enqueue_delivery(p->>'party', 'upsert-dossier', v_code, v_version_id, v_code, (p->>'maxAgeMs')::bigint,
      p->>'correlationId', p->>'traceparent');
  END IF;
  SELECT * INTO v_steps FROM store_steps(p, v_code, p_item->'steps');
  RETURN jsonb_build_object('code', v_code, 'stepIds', coalesce(to_jsonb(v_steps.step_ids), '[]'),
    'deliveryIds', to_jsonb(v_deliveries || coalesce(v_steps.delivery_ids, '{}')));
END $$;

/* Accepts a call in one statement. `p`: client, key, operation, fingerprint (hex), keepMs, party, maxAgeMs, correlationId,
   traceparent, keyId, stepsPerDelivery, answer, items in code order [{code, expected, version?, content?, status?, …, steps}].
   Answers {outcome: known} (the key was used), {outcome: changed, states} (nothing written; judge again) or {outcome: stored}. */
CREATE FUNCTION accept_dossiers(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_result jsonb := claim_idempotency_key(p->>'client', p->>'key');
  v_item jsonb;
  v_revision integer;
  v_changed boolean := false;
  v_stored jsonb := '[]';
  v_response jsonb;
BEGIN
  IF v_result IS NOT NULL THEN RETURN v_result; END IF;
  -- Locks are taken in the order of the items, which every caller sorts alike.
  FOR v_item IN SELECT value FROM jsonb_array_elements(p->'items') LOOP
    SELECT revision INTO v_revision FROM dossiers WHERE code = v_item->>'code' FOR UPDATE;
    v_changed := v_changed OR coalesce(v_revision, 0) <> (v_item->>'expected')::integer;
  END LOOP;
  IF v_changed THEN
    RETURN jsonb_build_object('outcome', 'changed',
      'states', dossier_states(ARRAY(SELECT value->>'code' FROM jsonb_array_elements(p->'items'))));
  END IF;
  FOR v_item IN SELECT value FROM jsonb_array_elements(p->'items') LOOP
    IF v_item ? 'content' OR jsonb_array_length(v_item->'steps') > 0 THEN
      v_stored := v_stored || store_dossier(p, v_item);
    END IF;
  END LOOP;
  v_response := jsonb_build_object('answer', p->'answer', 'stored', v_stored);
  RETURN jsonb_build_object('outcome', 'stored', 'response', v_response, 'expiresAt', keep_idempotent_answer(p, v_response));
END $$;

/* Accepts one status report in one statement. `expected` is the id of the dossier's latest report (0: none) that the caller judged
   against; another makes the answer {outcome: changed, state}. */
CREATE FUNCTION accept_status_report(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_result jsonb := claim_idempotency_key(p->>'client', p->>'key');
  v_item jsonb := p->'item';
  v_last status_reports;
  v_id bigint;
  v_delivery bigint;
  v_response jsonb;
BEGIN
  IF v_result IS NOT NULL THEN RETURN v_result; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(v_item->>'dossierCode', 3));
  SELECT * INTO v_last FROM status_reports WHERE dossier_code = v_item->>'dossierCode' ORDER BY id DESC LIMIT 1;
  IF coalesce(v_last.id, 0) <> (p->>'expected')::bigint THEN
    RETURN jsonb_build_object('outcome', 'changed', 'state', jsonb_build_object('id', v_last.id::text, 'client', v_last.client,
      'status', v_last.status, 'processedAt', v_last.processed_at));
  END IF;
  INSERT INTO status_reports (dossier_code, national_code, client, status, processed_at, key_id, content)
    VALUES (v_item->>'dossierCode', v_item->>'nationalCode', p->>'client', v_item->>'status', (v_item->>'processedAt')::timestamptz,
            p->>'keyId', (v_item->>'content')::json)
    RETURNING id INTO v_id;
  v_delivery := enqueue_delivery(p->>'party', 'report-status', v_item->>'dossierCode', v_id, v_item->>'dossierCode',
    (p->>'maxAgeMs')::bigint, p->>'correlationId', p->>'traceparent');
  v_response := jsonb_build_object('answer', p->'answer', 'reportId', v_id::text, 'deliveryId', v_delivery::text);
  RETURN jsonb_build_object('outcome', 'stored', 'response', v_response, 'expiresAt', keep_idempotent_answer(p, v_response));
END $$;

-- Gives positions to events that have none, in id order, one reader at a time; they become visible together at commit.
CREATE FUNCTION place_events(p_limit integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  v_placed integer;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM events WHERE position IS NULL) THEN RETURN 0; END IF;
  PERFORM pg_advisory_xact_lock(4_001);
  WITH placed AS (
    SELECT id, nextval('event_positions') AS position
      FROM (SELECT id FROM events WHERE position IS NULL ORDER BY id LIMIT p_limit) AS unplaced)
  UPDATE events SET position = placed.position FROM placed WHERE events.id = placed.id;
  GET DIAGNOSTICS v_placed = ROW_COUNT;
  RETURN v_placed;
END $$;
