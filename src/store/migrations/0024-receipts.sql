-- E-receipts (biên lai điện tử) owed for paid payments. The issuer recognises a repeat by `key`.

CREATE TABLE receipts (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key         text NOT NULL UNIQUE,
  payment_id  bigint NOT NULL REFERENCES payments (id),
  issuer      text NOT NULL,
  state       text NOT NULL DEFAULT 'OWED' CHECK (state IN ('OWED', 'ISSUED', 'REFUSED', 'CANCELLING', 'CANCELLED')),
  adjusts     bigint REFERENCES receipts (id),
  total_vnd   bigint NOT NULL,
  pattern     text,
  serial      text,
  number      text,
  delivery_id bigint,
  code        text,
  text        text,
  created_at  timestamptz NOT NULL DEFAULT now(),
  issued_at   timestamptz,
  state_at    timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX receipts_once ON receipts (payment_id) WHERE adjusts IS NULL AND state <> 'REFUSED' AND state <> 'CANCELLED';
