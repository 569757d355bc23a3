-- What a gateway's word costs in round trips: one to lock and read the payment, one to write what became of it, one for its receipt.
-- Sequential scans are off inside for the reason that 0003 gives.

-- The payment, then its fee items by id, both locked, and what it holds in the ledger: each statement sees what the lock before it waited for.
CREATE FUNCTION lock_payment(p_reference text) RETURNS TABLE (payment payments, items jsonb, holdings jsonb)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  SELECT p.* INTO payment FROM payments p WHERE p.reference = p_reference FOR UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.ord), '[]') INTO items FROM (
    SELECT f.id AS ord, f.id::text AS id, f.amount_vnd AS "amountVnd", i.amount_vnd AS "openedVnd", f.open_payment::text AS "openPayment", f.paid_by::text AS "paidBy", f.dropped_at IS NOT NULL AS dropped
      FROM payment_items i JOIN fee_items f ON f.id = i.fee_item_id WHERE i.payment_id = payment.id ORDER BY f.id FOR UPDATE OF f) AS x;
  SELECT coalesce(jsonb_agg(jsonb_build_array(h.account, h.held) ORDER BY h.held DESC, h.account), '[]') INTO holdings FROM (
    SELECT l.account, sum(l.amount_vnd) AS held FROM ledger l WHERE l.payment_id = payment.id AND l.account <> 'CITIZEN' GROUP BY l.account HAVING sum(l.amount_vnd) > 0) AS h;
  RETURN NEXT;
END $$;

-- What became of a locked payment: its row, its locked fee items (`p_items`: paid, held, freed or null), the ledger, its history and the feed.
CREATE FUNCTION write_payment(p_id bigint, p_change jsonb, p_items text, p_postings jsonb, p_refund bigint, p_event jsonb, p_tells jsonb) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_payment payments%ROWTYPE;
BEGIN
  UPDATE payments p SET state_at = CASE WHEN p.state = c.state THEN p.state_at ELSE clock_timestamp() END, state = c.state, surplus = c.surplus, person_reason = c."personReason",
      paid_vnd = c."paidVnd", refunded_vnd = c."refundedVnd", gateway_transaction = c."gatewayTransaction", paid_at = c."paidAt", ask_at = c."askAt"
    FROM jsonb_to_record(p_change) AS c(state text, surplus boolean, "personReason" text, "paidVnd" bigint, "refundedVnd" bigint, "gatewayTransaction" text, "paidAt" timestamptz, "askAt" timestamptz)
    WHERE p.id = p_id RETURNING p.* INTO STRICT v_payment;
  IF p_items = 'paid' THEN
    UPDATE fee_items SET paid_by = p_id, open_payment = NULL WHERE id IN (SELECT fee_item_id FROM payment_items WHERE payment_id = p_id);
  ELSIF p_items = 'held' THEN
    UPDATE fee_items SET open_payment = p_id WHERE id IN (SELECT fee_item_id FROM payment_items WHERE payment_id = p_id);
  ELSIF p_items = 'freed' THEN
    UPDATE fee_items SET open_payment = nullif(open_payment, p_id), paid_by = nullif(paid_by, p_id)
      WHERE id IN (SELECT fee_item_id FROM payment_items WHERE payment_id = p_id) AND p_id IN (open_payment, paid_by);
  END IF;
  PERFORM post_ledger(l.kind, l."from", l."to", l."amountVnd", p_id, p_refund)
    FROM ROWS FROM (jsonb_to_recordset(p_postings) AS (kind text, "from" text, "to" text, "amountVnd" bigint)) WITH ORDINALITY AS l(kind, "from", "to", "amountVnd", ord)
    WHERE l."amountVnd" > 0 ORDER BY l.ord;
  IF p_event IS NOT NULL THEN
    INSERT INTO payment_events (payment_id, source, from_state, to_state, applied, reason, code, amount_vnd, gateway_transaction, gateway_at, actor, callback_id)
      SELECT p_id, e.source, e."fromState", e."toState", e.applied, e.reason, e.code, e."amountVnd", e."gatewayTransaction", e."gatewayAt", e.actor, e."callbackId"
        FROM jsonb_to_record(p_event) AS e(source text, "fromState" text, "toState" text, applied boolean, reason text, code text, "amountVnd" bigint, "gatewayTransaction" text, "gatewayAt" timestamptz,
          actor text, "callbackId" bigint);
  END IF;
  INSERT INTO events (type, dossier_code, payment_reference, operation, reason)
    SELECT t.type, v_payment.dossier_code, v_payment.reference, 'payment', t.reason
      FROM ROWS FROM (jsonb_to_recordset(p_tells) AS (type text, reason text)) WITH ORDINALITY AS t(type, reason, ord) ORDER BY t.ord;
END $$;

-- A receipt that is owed for a payment, with its delivery; nothing where one is owed already. A cancelled receipt keeps its key at the issuer for ever.
CREATE FUNCTION owe_receipt(p_payment bigint, p_key text, p_issuer text, p_total bigint, p_operation text, p_lane text, p_dossier text, p_max_age_ms bigint, p_correlation text) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_before integer;
  v_id bigint;
BEGIN
  SELECT count(*) INTO v_before FROM receipts WHERE payment_id = p_payment;
  INSERT INTO receipts (key, payment_id, issuer, total_vnd, due_vnd, said_vnd)
    VALUES (CASE WHEN v_before = 0 THEN p_key ELSE p_key || 'R' || v_before END, p_payment, p_issuer, p_total, p_total, p_total) ON CONFLICT DO NOTHING RETURNING id INTO v_id;
  IF v_id IS NULL THEN RETURN; END IF;
  UPDATE receipts SET delivery_id = enqueue_delivery(p_issuer, p_operation, p_lane, v_id, p_dossier, p_max_age_ms, p_correlation, NULL) WHERE id = v_id;
END $$;
