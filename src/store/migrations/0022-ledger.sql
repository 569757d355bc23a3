-- The ledger: append-only double entry over the same transactions that move payments. Accounts:
--   CITIZEN                 money that citizens gave (negative: they gave more than they got back)
--   TRANSIT/<gateway>       collected by a gateway, not yet paid out
--   AGENCY/<account id>     arrived in an agency's account
--   REFUND_DUE              owed back to citizens
--   DISPUTED/<gateway>      taken, and held back or contested

CREATE SEQUENCE ledger_transactions;
CREATE TABLE ledger (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  transaction_id bigint NOT NULL,
  at             timestamptz NOT NULL DEFAULT clock_timestamp(),
  kind           text NOT NULL CHECK (kind IN ('PAID', 'SURPLUS', 'SURPLUS_KEPT', 'DISPUTED', 'DISPUTE_WON', 'DISPUTE_LOST', 'REFUND_DECIDED', 'REFUND_REFUSED', 'REFUNDED', 'PAID_OUT')),
  account        text NOT NULL CHECK (account ~ '^(CITIZEN|REFUND_DUE|(TRANSIT|DISPUTED)/[a-z0-9-]+|AGENCY/\d+)$'),
  amount_vnd     bigint NOT NULL CHECK (amount_vnd <> 0),
  payment_id     bigint NOT NULL REFERENCES payments (id),
  refund_id      bigint REFERENCES refunds (id),
  UNIQUE (transaction_id, account)
);
CREATE INDEX ledger_payment ON ledger (payment_id, id);
CREATE INDEX ledger_account ON ledger (account, at);
CREATE TRIGGER ledger_only_added BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
CREATE TRIGGER ledger_never_emptied BEFORE TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();

CREATE FUNCTION check_ledger_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT sum(amount_vnd) FROM ledger WHERE transaction_id = NEW.transaction_id) <> 0 THEN
    RAISE EXCEPTION 'ledger transaction % does not balance', NEW.transaction_id;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT ON ledger DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_ledger_balance();
CREATE INDEX ledger_transaction ON ledger (transaction_id);

-- Moves an amount from one account to another.
CREATE FUNCTION post_ledger(p_kind text, p_from text, p_to text, p_amount bigint, p_payment bigint, p_refund bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_id bigint := nextval('ledger_transactions');
BEGIN
  INSERT INTO ledger (transaction_id, kind, account, amount_vnd, payment_id, refund_id)
    VALUES (v_id, p_kind, p_from, -p_amount, p_payment, p_refund), (v_id, p_kind, p_to, p_amount, p_payment, p_refund);
  RETURN v_id;
END $$;
