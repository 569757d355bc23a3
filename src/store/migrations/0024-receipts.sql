-- E-receipts (biên lai điện tử) owed for paid payments. The issuer recognises a repeat by `key`.

CREATE TABLE receipts (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key           text NOT NULL UNIQUE,
  payment_id    bigint NOT NULL REFERENCES payments (id),
  issuer        text NOT NULL,
  state         text NOT NULL DEFAULT 'OWED' CHECK (state IN ('OWED', 'ISSUED', 'REFUSED', 'CANCELLING', 'CANCELLED')),
  -- The receipt that this one corrects.
  adjusts       bigint REFERENCES receipts (id),
  total_vnd     bigint NOT NULL CHECK (total_vnd > 0),
  -- On the first receipt: what was paid and not given back, kept by the trigger below; and what the receipts say, or are about to say.
  due_vnd       bigint NOT NULL CHECK (due_vnd >= 0),
  said_vnd      bigint NOT NULL,
  -- Why a person must look; null while none must.
  person_reason text,
  pattern       text,
  serial        text,
  number        text,
  delivery_id   bigint,
  code          text,
  text          text,
  created_at    timestamptz NOT NULL DEFAULT now(),
  issued_at     timestamptz,
  state_at      timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX receipts_once ON receipts (payment_id) WHERE adjusts IS NULL AND state <> 'CANCELLED';
CREATE INDEX receipts_payment ON receipts (payment_id, id);
CREATE INDEX receipts_adjusts ON receipts (adjusts) WHERE adjusts IS NOT NULL;
CREATE INDEX receipts_to_correct ON receipts (id) WHERE adjusts IS NULL AND state = 'ISSUED' AND due_vnd <> said_vnd AND person_reason IS NULL;
CREATE INDEX receipts_person ON receipts (id) WHERE person_reason IS NOT NULL;

-- Money that goes back, or comes again, makes a receipt say something untrue. Noted in the transaction that moves the money.
CREATE FUNCTION note_receipt_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE receipts SET due_vnd = least(total_vnd, NEW.paid_vnd - NEW.refunded_vnd) WHERE payment_id = NEW.id AND adjusts IS NULL AND state <> 'CANCELLED';
  RETURN NULL;
END $$;
CREATE TRIGGER payments_receipt_due AFTER UPDATE OF paid_vnd, refunded_vnd ON payments FOR EACH ROW
  WHEN (NEW.paid_vnd - NEW.refunded_vnd IS DISTINCT FROM OLD.paid_vnd - OLD.refunded_vnd) EXECUTE FUNCTION note_receipt_due();
