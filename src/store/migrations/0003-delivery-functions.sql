-- The three hot statements of the delivery engine, each one round trip. Sequential scans are off inside them because a plan that
-- was cached while the table was small would otherwise stay in a long-lived session after it has grown.

-- Leases heads of lanes that are due, within the party's concurrency, rate, hold and pause. The party's row lock makes the limits
-- exact across all processes. `p_ask` names the operations whose unknown outcomes are asked about rather than repeated; `p_settling` the
-- caller's own deliveries whose call is over and whose outcome is on its way here: they are leased, but no longer at the party.
CREATE FUNCTION lease_deliveries(p_party text, p_limit integer, p_lease_ms integer, p_ask text[], p_blocked text[], p_settling bigint[])
RETURNS SETOF deliveries LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_party parties%ROWTYPE;
  v_now timestamptz := clock_timestamp();
  v_free integer;
  v_tokens double precision;
  v_taken integer;
  v_lease uuid := gen_random_uuid();
BEGIN
  SELECT * INTO v_party FROM parties WHERE party = p_party FOR UPDATE;
  IF NOT FOUND OR v_party.paused OR v_party.hold_until > v_now THEN RETURN; END IF;
  SELECT least(p_limit, v_party.concurrency - count(*)) INTO v_free FROM deliveries
    WHERE party = p_party AND state = 'leased' AND id <> ALL (p_settling);
  IF v_party.rate_per_second IS NOT NULL THEN
    v_tokens := least(greatest(v_party.rate_per_second, 1),
      v_party.tokens + v_party.rate_per_second * extract(epoch FROM v_now - v_party.tokens_at));
    v_free := least(v_free, floor(v_tokens)::integer);
  END IF;
  IF v_free <= 0 THEN RETURN; END IF;
  RETURN QUERY
    WITH picked AS (
      SELECT d.id FROM deliveries d
      WHERE d.party = p_party AND d.head AND d.state IN ('due', 'unknown') AND d.due_at <= v_now AND d.operation <> ALL (p_blocked)
      ORDER BY d.due_at, d.position LIMIT v_free FOR UPDATE SKIP LOCKED
    )
    UPDATE deliveries d SET state = 'leased', lease_token = v_lease, attempts = d.attempts + 1,
      lease_until = v_now + p_lease_ms * interval '1 millisecond',
      lease_purpose = CASE WHEN d.state = 'unknown' AND d.operation = ANY (p_ask) THEN 'ask' ELSE 'send' END
    FROM picked WHERE d.id = picked.id RETURNING d.*;
  GET DIAGNOSTICS v_taken = ROW_COUNT;
  IF v_taken > 0 THEN
    UPDATE parties SET last_taken_at = v_now, tokens = coalesce(v_tokens, 0) - v_taken, tokens_at = v_now WHERE party = p_party;
  END IF;
END $$;

-- Records outcomes of leased deliveries; a lease that was lost in the meantime changes nothing. Returns the ids that moved.
-- Element: {id, token, to, reason, reason_text, delay_ms, failures, maybe_sent, waits_for, event, attempt: {...}}.
CREATE FUNCTION settle_deliveries(p_settlements jsonb)
RETURNS SETOF bigint LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_now timestamptz := clock_timestamp();
  v_moved bigint[];
  v_finished bigint[];
  v_waiting bigint[];
BEGIN
  WITH s AS (
    SELECT * FROM jsonb_to_recordset(p_settlements) AS x(id bigint, token uuid, "to" text, reason text, reason_text text,
      delay_ms bigint, failures integer, maybe_sent boolean, waits_for text)
  ), moved AS (
    UPDATE deliveries d SET state = s."to", reason = s.reason, reason_text = s.reason_text, failures = s.failures,
      maybe_sent = s.maybe_sent, waits_for = s.waits_for, lease_token = NULL, lease_until = NULL, lease_purpose = NULL,
      due_at = CASE WHEN s."to" IN ('due', 'unknown') THEN v_now + s.delay_ms * interval '1 millisecond' ELSE d.due_at END,
      head = s."to" NOT IN ('accepted', 'rejected'),
      settled_at = CASE WHEN s."to" IN ('accepted', 'rejected') THEN v_now END,
      resolved_by = CASE WHEN s."to" IN ('accepted', 'rejected') THEN 'party' END
    FROM s WHERE d.id = s.id AND d.state = 'leased' AND d.lease_token = s.token
    RETURNING d.id, d.state, d.waits_for
  )
  SELECT array_agg(id), array_agg(id) FILTER (WHERE state IN ('accepted', 'rejected')),
         array_agg(id ORDER BY id) FILTER (WHERE waits_for IS NOT NULL)
    INTO v_moved, v_finished, v_waiting FROM moved;
  IF v_finished IS NOT NULL THEN PERFORM advance_lanes(v_finished); END IF;


  INSERT INTO attempts (delivery_id, number, purpose, started_at, duration_ms, outcome, error_kind, error_code, correlation_id, exchanges)
  SELECT a.id, (a.attempt->>'number')::integer, a.attempt->>'purpose', (a.attempt->>'startedAt')::timestamptz,
         (a.attempt->>'durationMs')::integer, a.attempt->>'outcome', a.attempt->>'errorKind', a.attempt->>'errorCode',
         a.attempt->>'correlationId', a.attempt->'exchanges'
  FROM jsonb_to_recordset(p_settlements) AS a(id bigint, attempt jsonb);

  INSERT INTO events (type, dossier_code, delivery_id, operation, reason, reason_text)
  SELECT 'delivery.' || e.event, d.subject_key, d.id, d.operation, d.reason, d.reason_text
  FROM jsonb_to_recordset(p_settlements) AS e(id bigint, event text) JOIN deliveries d ON d.id = e.id
  WHERE e.event IS NOT NULL AND d.id = ANY (v_moved) ORDER BY d.id;

  -- After the events: "parked" is told before "repaired".
  IF v_waiting IS NOT NULL THEN PERFORM bring_forward(id) FROM unnest(v_waiting) AS id; END IF;
  RETURN QUERY SELECT unnest(v_moved);
END $$;

-- Finished heads leave their lanes, and the next open delivery of each lane becomes its head. Lane rows are locked in one order
-- everywhere (party, lane), so callers cannot deadlock on them.
CREATE FUNCTION advance_lanes(p_finished bigint[]) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  PERFORM 1 FROM lanes l JOIN deliveries d ON l.party = d.party AND l.lane = d.lane
    WHERE d.id = ANY (p_finished) ORDER BY l.party, l.lane FOR UPDATE OF l;
  UPDATE lanes l SET open_count = l.open_count - 1 FROM deliveries d
    WHERE d.id = ANY (p_finished) AND l.party = d.party AND l.lane = d.lane;
  UPDATE deliveries n SET head = true, due_at = CASE WHEN n.state = 'due' THEN greatest(n.due_at, clock_timestamp()) ELSE n.due_at END
  FROM (
    SELECT (SELECT o.id FROM deliveries o WHERE o.lane = d.lane AND o.party = d.party AND o.position >= d.position
              AND o.state NOT IN ('accepted', 'rejected') ORDER BY o.position, o.id LIMIT 1) AS id
    FROM deliveries d JOIN lanes l ON l.party = d.party AND l.lane = d.lane
    WHERE d.id = ANY (p_finished) AND l.open_count > 0
  ) next WHERE n.id = next.id AND NOT n.head;
END $$;

-- Leases that ran out: the worker is gone or frozen. What may have been sent is unknown; a question that was interrupted is asked
-- again. `p_rules` maps operation → {to, delayMs} for interrupted sends.
CREATE FUNCTION expire_leases(p_party text, p_rules jsonb) RETURNS integer LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_now timestamptz := clock_timestamp();
  v_count integer;
BEGIN
  WITH expired AS (
    SELECT id, operation, lease_purpose FROM deliveries
    WHERE party = p_party AND state = 'leased' AND lease_until < v_now FOR UPDATE SKIP LOCKED
  ), moved AS (
    UPDATE deliveries d SET
      state = CASE WHEN e.lease_purpose = 'ask' THEN 'unknown' ELSE coalesce(p_rules->e.operation->>'to', 'unknown') END,
      due_at = CASE WHEN e.lease_purpose = 'ask' THEN v_now
                    ELSE v_now + coalesce((p_rules->e.operation->>'delayMs')::bigint, 0) * interval '1 millisecond' END,
      maybe_sent = d.maybe_sent OR e.lease_purpose = 'send', reason = 'lease-expired', failures = d.failures + 1,
      lease_token = NULL, lease_until = NULL, lease_purpose = NULL
    FROM expired e WHERE d.id = e.id
    RETURNING d.id, d.attempts, e.lease_purpose, d.correlation_id
  ), journal AS (
    INSERT INTO attempts (delivery_id, number, purpose, started_at, duration_ms, outcome, error_kind, error_code, correlation_id, exchanges)
    SELECT id, attempts, lease_purpose, v_now, 0, 'interrupted', NULL, 'lease-expired', correlation_id, '[]' FROM moved
  )
  SELECT count(*) INTO v_count FROM moved;
  RETURN v_count;
END $$;
