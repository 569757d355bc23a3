-- What waits for something that an earlier, refused delivery should have brought about lets the next delivery that can bring it about
-- go first, when that one is already owed further back in the same lane.
CREATE FUNCTION bring_forward(p_waiting bigint, p_operation text) RETURNS boolean LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_waiting deliveries%ROWTYPE;
  v_later bigint;
BEGIN
  PERFORM 1 FROM lanes l JOIN deliveries d ON l.party = d.party AND l.lane = d.lane WHERE d.id = p_waiting FOR UPDATE OF l;
  SELECT * INTO v_waiting FROM deliveries WHERE id = p_waiting AND head AND state = 'parked' AND reason = 'prerequisite-missing';
  IF NOT FOUND THEN RETURN false; END IF;
  SELECT o.id INTO v_later FROM deliveries o WHERE o.lane = v_waiting.lane AND o.party = v_waiting.party
    AND o.position > v_waiting.position AND o.operation = p_operation AND o.state = 'due' ORDER BY o.position, o.id LIMIT 1;
  IF v_later IS NULL THEN RETURN false; END IF;
  UPDATE deliveries SET state = 'due', reason = NULL, reason_text = NULL, head = false, due_at = clock_timestamp() WHERE id = p_waiting;
  -- Everything open in the lane has a greater position than the one before the head's.
  UPDATE deliveries SET head = true, position = v_waiting.position - 1, due_at = clock_timestamp() WHERE id = v_later;
  INSERT INTO events (type, dossier_code, delivery_id, operation, reason)
    VALUES ('delivery.repaired', v_waiting.subject_key, v_waiting.id, v_waiting.operation, 'correction-first');
  RETURN true;
END $$;
