-- The outbox. A delivery is written in the transaction of the change that caused it; everything that carries it is replaceable.

CREATE TABLE parties (
  party           text PRIMARY KEY,
  concurrency     integer NOT NULL CHECK (concurrency > 0),
  rate_per_second double precision CHECK (rate_per_second > 0),
  tokens          double precision NOT NULL DEFAULT 0,
  tokens_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  hold_until      timestamptz,
  hold_reason     text,
  paused          boolean NOT NULL DEFAULT false,
  paused_reason   text,
  paused_by       text,
  paused_at       timestamptz,
  last_taken_at   timestamptz
);

-- One row for each lane that ever had work; its row lock is what makes "who is the head" exact.
CREATE TABLE lanes (
  party      text NOT NULL,
  lane       text NOT NULL,
  open_count integer NOT NULL CHECK (open_count >= 0),
  PRIMARY KEY (party, lane)
) WITH (fillfactor = 80);

CREATE SEQUENCE delivery_ids;
CREATE TABLE deliveries (
  id             bigint PRIMARY KEY DEFAULT nextval('delivery_ids'),
  party          text NOT NULL,
  operation      text NOT NULL,
  lane           text NOT NULL,
  -- Order within the lane: the id, but for what was brought forward because a parked head waits for it.
  position       bigint NOT NULL,
  -- The operation that a head parked as prerequisite-missing waits for.
  waits_for      text,
  head           boolean NOT NULL,
  state          text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'leased', 'unknown', 'accepted', 'rejected', 'parked')),
  reason         text,
  reason_text    text,
  subject_id     bigint NOT NULL,
  subject_key    text NOT NULL,
  attempts       integer NOT NULL DEFAULT 0,
  failures       integer NOT NULL DEFAULT 0,
  maybe_sent     boolean NOT NULL DEFAULT false,
  due_at         timestamptz NOT NULL DEFAULT now(),
  park_at        timestamptz NOT NULL,
  lease_token    uuid,
  lease_until    timestamptz,
  lease_purpose  text CHECK (lease_purpose IN ('send', 'ask')),
  correlation_id text NOT NULL,
  traceparent    text,
  resolved_by    text CHECK (resolved_by IN ('party', 'operator')),
  created_at     timestamptz NOT NULL DEFAULT now(),
  settled_at     timestamptz,
  CHECK ((state = 'leased') = (lease_token IS NOT NULL)),
  CHECK ((state IN ('accepted', 'rejected')) = (settled_at IS NOT NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
ALTER SEQUENCE delivery_ids OWNED BY deliveries.id;

-- What a worker may take now.
CREATE INDEX deliveries_ready ON deliveries (party, due_at, position) WHERE head AND state IN ('due', 'unknown');
-- Everything unfinished: concurrency, expired leases, counts and ages are read here, whatever the size of the finished past.
CREATE INDEX deliveries_open ON deliveries (party, state, created_at) WHERE state IN ('due', 'leased', 'unknown', 'parked');
-- A lane from its head on, and the history of a lane.
CREATE INDEX deliveries_lane ON deliveries (lane, party, position);
-- What a party refused.
CREATE INDEX deliveries_rejected ON deliveries (party, id) WHERE state = 'rejected';

-- The journal. No foreign key: it is append-only, outlives retention of its delivery, and is written on the hottest path.
CREATE TABLE attempts (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  delivery_id    bigint NOT NULL,
  number         integer NOT NULL,
  purpose        text NOT NULL,
  started_at     timestamptz NOT NULL,
  duration_ms    integer NOT NULL,
  outcome        text NOT NULL,
  error_kind     text,
  error_code     text,
  correlation_id text NOT NULL,
  exchanges      jsonb NOT NULL
);
CREATE INDEX attempts_delivery ON attempts (delivery_id, id);

-- What the portal must know. `position` is given when the feed is read, under one lock, so a reader's cursor never skips a
-- row that committed late; ids within a dossier follow commit order because its lane row is locked when one is drawn.
CREATE TABLE events (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  position     bigint,
  type         text NOT NULL,
  dossier_code text NOT NULL,
  delivery_id  bigint,
  operation    text,
  reason       text,
  reason_text  text,
  created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE SEQUENCE event_positions OWNED BY events.position;
CREATE UNIQUE INDEX events_position ON events (position) WHERE position IS NOT NULL;
CREATE INDEX events_unplaced ON events (id) WHERE position IS NULL;
CREATE INDEX events_age ON events USING brin (created_at);

CREATE TABLE idempotency_keys (
  client      text NOT NULL,
  key         text NOT NULL,
  operation   text NOT NULL,
  fingerprint bytea NOT NULL,
  response    jsonb NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz NOT NULL,
  PRIMARY KEY (client, key)
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);

-- Breakers live in each process; this is what the others and GraphQL see of them.
CREATE TABLE circuit_states (
  process_id text NOT NULL,
  party      text NOT NULL,
  operation  text NOT NULL,
  position   text NOT NULL CHECK (position IN ('closed', 'open', 'half-open')),
  since      timestamptz NOT NULL,
  reason     text,
  forced     boolean NOT NULL,
  seen_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (process_id, party, operation)
);
CREATE TABLE circuit_overrides (
  party     text NOT NULL,
  operation text NOT NULL,
  position  text NOT NULL CHECK (position IN ('closed', 'open')),
  reason    text NOT NULL,
  set_by    text NOT NULL,
  set_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (party, operation)
);

CREATE TABLE workers (
  process_id    text PRIMARY KEY,
  started_at    timestamptz NOT NULL DEFAULT now(),
  seen_at       timestamptz NOT NULL DEFAULT now()
);

-- Who did what by hand, and why. Append-only.
CREATE TABLE operator_actions (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at         timestamptz NOT NULL DEFAULT now(),
  actor      text NOT NULL,
  role       text NOT NULL,
  action     text NOT NULL,
  target     text NOT NULL,
  reason     text,
  detail     jsonb NOT NULL DEFAULT '{}'
);

-- Owes a party one effect. The caller's transaction holds the lane from here to its commit. When the lane's head is parked because it
-- waits for just this operation (the dossier before it was refused, and this is the correction), this goes first.
CREATE FUNCTION enqueue_delivery(
  p_party text, p_operation text, p_lane text, p_subject_id bigint, p_subject_key text,
  p_max_age_ms bigint, p_correlation_id text, p_traceparent text
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_first boolean;
  v_id bigint;
  v_waiting bigint;
BEGIN
  INSERT INTO lanes (party, lane, open_count) VALUES (p_party, p_lane, 1)
    ON CONFLICT (party, lane) DO UPDATE SET open_count = lanes.open_count + 1
    RETURNING open_count = 1 INTO v_first;
  v_id := nextval('delivery_ids');
  INSERT INTO deliveries (id, party, operation, lane, position, head, subject_id, subject_key, park_at, correlation_id, traceparent)
    VALUES (v_id, p_party, p_operation, p_lane, v_id, v_first, p_subject_id, p_subject_key,
            now() + p_max_age_ms * interval '1 millisecond', p_correlation_id, p_traceparent);
  IF NOT v_first THEN
    SELECT id INTO v_waiting FROM deliveries
      WHERE lane = p_lane AND party = p_party AND head AND state = 'parked' AND waits_for = p_operation;
    IF FOUND THEN PERFORM bring_forward(v_waiting); END IF;
  END IF;
  RETURN v_id;
END $$;

-- A head that waits for an operation lets the first such delivery further back in its lane go before it. Both the settling of the one
-- that waits and the enqueueing of the one it waits for call this under the lane's lock, so whichever comes second finds the other.
CREATE FUNCTION bring_forward(p_waiting bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_waiting deliveries%ROWTYPE;
  v_later bigint;
BEGIN
  PERFORM 1 FROM lanes l JOIN deliveries d ON l.party = d.party AND l.lane = d.lane WHERE d.id = p_waiting FOR UPDATE OF l;
  SELECT * INTO v_waiting FROM deliveries WHERE id = p_waiting AND head AND state = 'parked' AND waits_for IS NOT NULL;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT o.id INTO v_later FROM deliveries o WHERE o.lane = v_waiting.lane AND o.party = v_waiting.party
    AND o.position > v_waiting.position AND o.operation = v_waiting.waits_for AND o.state = 'due' ORDER BY o.position LIMIT 1;
  IF v_later IS NULL THEN RETURN; END IF;
  UPDATE deliveries SET state = 'due', reason = NULL, reason_text = NULL, waits_for = NULL, head = false, due_at = clock_timestamp()
    WHERE id = p_waiting;
  -- A head's position is the least among the open ones of its lane, so the one before it is free.
  UPDATE deliveries SET head = true, position = v_waiting.position - 1, due_at = clock_timestamp() WHERE id = v_later;
  INSERT INTO events (type, dossier_code, delivery_id, operation, reason)
    VALUES ('delivery.repaired', v_waiting.subject_key, v_waiting.id, v_waiting.operation, 'correction-first');
END $$;
