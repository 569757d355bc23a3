-- Payments: what a dossier's citizen owes, each attempt to pay it, and everything that gateways ever said of it.

CREATE TABLE fee_items (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dossier_code text NOT NULL,
  key          text NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('FEE', 'CHARGE')),
  name         text NOT NULL,
  amount_vnd   bigint NOT NULL CHECK (amount_vnd > 0),
  agency_code  text NOT NULL,
  client       text NOT NULL,
  -- The one payment that may be open for it, and the one that paid it. The row lock on this row decides between two at once.
  open_payment bigint,
  paid_by      bigint,
  -- No longer owed, without having been paid.
  dropped_at   timestamptz,
  created_at   timestamptz NOT NULL DEFAULT now(),
  UNIQUE (dossier_code, key)
);

CREATE TABLE payments (
  id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  reference           text NOT NULL UNIQUE CHECK (reference ~ '^[0-9A-Z]{8,20}$'),
  dossier_code        text NOT NULL,
  agency_code         text NOT NULL,
  client              text NOT NULL,
  gateway             text NOT NULL,
  -- As the gateway's port says; kept, for a gateway may be gone while its money is not.
  money_goes          text NOT NULL CHECK (money_goes IN ('transit', 'direct')),
  account_id          bigint NOT NULL REFERENCES bank_accounts (id),
  amount_vnd          bigint NOT NULL CHECK (amount_vnd > 0),
  -- Money that was taken and not charged back, whether its fees count as paid or not.
  paid_vnd            bigint NOT NULL DEFAULT 0 CHECK (paid_vnd >= 0),
  refunded_vnd        bigint NOT NULL DEFAULT 0 CHECK (refunded_vnd BETWEEN 0 AND paid_vnd),
  state               text NOT NULL DEFAULT 'CREATED' CHECK (state IN
    ('CREATED', 'AWAITING', 'UNKNOWN', 'PAID', 'FAILED', 'EXPIRED', 'CANCELLED', 'REFUNDING', 'REFUNDED', 'DISPUTED')),
  surplus             boolean NOT NULL DEFAULT false,
  person_reason       text,
  pay_url             text,
  -- Sealed: a transfer's code names the agency's account.
  qr_sealed           text,
  gateway_transaction text,
  -- What the gateway wants repeated; no personal data.
  gateway_data        jsonb NOT NULL DEFAULT '{}',
  -- The rest of the order, repeated to the letter when the gateway is asked; no personal data.
  order_data          jsonb NOT NULL,
  -- First payment of the call that opened this one too, at the next gateway, when the one before surely had sent nothing.
  first_attempt       bigint REFERENCES payments (id),
  -- Payer, client address and return page, sealed; emptied by retention.
  key_id              text NOT NULL,
  content             text,
  created_at          timestamptz NOT NULL DEFAULT now(),
  sent_at             timestamptz,
  expires_at          timestamptz NOT NULL,
  state_at            timestamptz NOT NULL DEFAULT now(),
  paid_at             timestamptz,
  -- When the gateway is to be asked next; null where there is nothing to ask.
  ask_at              timestamptz,
  asks                integer NOT NULL DEFAULT 0,
  give_up_at          timestamptz,
  CHECK (state NOT IN ('PAID', 'REFUNDING', 'REFUNDED') OR paid_vnd > 0)
) WITH (fillfactor = 80);
CREATE INDEX payments_attempts ON payments (first_attempt) WHERE first_attempt IS NOT NULL;
CREATE INDEX payments_dossier ON payments (dossier_code, id);
CREATE INDEX payments_list ON payments (created_at, id);
CREATE INDEX payments_ask ON payments (ask_at) WHERE ask_at IS NOT NULL;
CREATE INDEX payments_open ON payments (expires_at) WHERE state IN ('CREATED', 'AWAITING', 'UNKNOWN');
CREATE INDEX payments_person ON payments (state_at) WHERE person_reason IS NOT NULL;
CREATE INDEX payments_gateway_day ON payments (gateway, paid_at) WHERE paid_at IS NOT NULL;
CREATE INDEX payments_transaction ON payments (gateway, gateway_transaction) WHERE gateway_transaction IS NOT NULL;
ALTER TABLE fee_items
  ADD FOREIGN KEY (open_payment) REFERENCES payments (id),
  ADD FOREIGN KEY (paid_by) REFERENCES payments (id);

CREATE TABLE payment_items (
  payment_id  bigint NOT NULL REFERENCES payments (id),
  fee_item_id bigint NOT NULL REFERENCES fee_items (id),
  amount_vnd  bigint NOT NULL,
  PRIMARY KEY (payment_id, fee_item_id)
);
CREATE INDEX payment_items_item ON payment_items (fee_item_id);

-- One row for each edge, and one for each word of a gateway that moved nothing. Added to only.
CREATE TABLE payment_events (
  id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id          bigint NOT NULL REFERENCES payments (id),
  at                  timestamptz NOT NULL DEFAULT clock_timestamp(),
  source              text NOT NULL CHECK (source IN ('open', 'callback', 'query', 'statement', 'clock', 'portal', 'operator', 'refund')),
  from_state          text,
  -- Equal to `from_state` where nothing moved.
  to_state            text NOT NULL,
  applied             boolean NOT NULL,
  -- Why it moved nothing: repeat, illegal-move, amount, ...; or why it moved.
  reason              text,
  code                text,
  amount_vnd          bigint,
  gateway_transaction text,
  gateway_at          timestamptz,
  actor               text NOT NULL,
  callback_id         bigint
);
CREATE INDEX payment_events_payment ON payment_events (payment_id, id);
CREATE TRIGGER payment_events_only_added BEFORE UPDATE OR DELETE ON payment_events FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();

-- Money, or word of money, that fits no payment of ours; a person matches it.
CREATE TABLE unmatched_credits (
  id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  party               text NOT NULL,
  -- The bank's or gateway's own number.
  bank_reference      text NOT NULL,
  reference           text,
  amount_vnd          bigint,
  -- Text of the transfer, sealed: people write their names into it.
  key_id              text NOT NULL,
  content_sealed      text,
  account_index       bytea,
  reason              text NOT NULL,
  at                  timestamptz NOT NULL,
  created_at          timestamptz NOT NULL DEFAULT now(),
  resolved_payment    bigint REFERENCES payments (id),
  resolution          text,
  resolved_by         text,
  resolved_at         timestamptz,
  UNIQUE (party, bank_reference)
);
CREATE INDEX unmatched_credits_open ON unmatched_credits (id) WHERE resolved_at IS NULL;

-- A transfer that a bank told us of, by whichever channel came first.
CREATE TABLE bank_credits (
  bank           text NOT NULL,
  bank_reference text NOT NULL,
  payment_id     bigint REFERENCES payments (id),
  amount_vnd     bigint NOT NULL,
  first_seen_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (bank, bank_reference)
);

CREATE TABLE refunds (
  id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  request_id          text NOT NULL UNIQUE CHECK (request_id ~ '^[0-9A-Z]{8,32}$'),
  payment_id          bigint NOT NULL REFERENCES payments (id),
  amount_vnd          bigint NOT NULL CHECK (amount_vnd > 0),
  reason              text NOT NULL,
  -- REQUESTED waits for a second person; APPROVED is owed to the gateway, BY_HAND to a person at a bank's counter.
  state               text NOT NULL CHECK (state IN ('REQUESTED', 'DECLINED', 'APPROVED', 'BY_HAND', 'PROCESSING', 'DONE', 'REFUSED')),
  requested_by        text NOT NULL,
  requested_at        timestamptz NOT NULL DEFAULT now(),
  approved_by         text,
  approved_at         timestamptz,
  delivery_id         bigint,
  -- When the gateway may last have been told; before its settle time has gone by, that it knows nothing proves nothing.
  sent_at             timestamptz,
  ask_at              timestamptz,
  -- Of the gateway, or of the bank where it was given back by hand.
  gateway_transaction text,
  code                text,
  text                text,
  settled_by          text,
  settled_at          timestamptz
);
CREATE INDEX refunds_payment ON refunds (payment_id);
CREATE INDEX refunds_ask ON refunds (ask_at) WHERE ask_at IS NOT NULL;
CREATE INDEX refunds_open ON refunds (requested_at) WHERE state IN ('REQUESTED', 'APPROVED', 'BY_HAND', 'PROCESSING');

-- What a person knows of a payment from elsewhere (a bank's statement, a letter), and what another person made of it.
CREATE TABLE payment_settlements (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id     bigint NOT NULL REFERENCES payments (id),
  settle_as      text NOT NULL CHECK (settle_as IN ('PAID', 'NOT_PAID')),
  bank_reference text,
  reason         text NOT NULL,
  state          text NOT NULL DEFAULT 'REQUESTED' CHECK (state IN ('REQUESTED', 'APPROVED', 'DECLINED')),
  requested_by   text NOT NULL,
  requested_at   timestamptz NOT NULL DEFAULT now(),
  decided_by     text,
  decided_at     timestamptz,
  CHECK (decided_by IS DISTINCT FROM requested_by OR state = 'DECLINED')
);
CREATE UNIQUE INDEX payment_settlements_open ON payment_settlements (payment_id) WHERE state = 'REQUESTED';

-- What was said between us and a gateway while a payment was opened or asked for, redacted, in the chain of its dossier.
CREATE FUNCTION record_payment_exchanges(p_reference text, p_actor text, p_exchanges jsonb) RETURNS void LANGUAGE sql AS $$
  SELECT append_evidence(array_agg(ROW('lane/' || p.dossier_code, 'payment-exchange', p_actor, 'payment/' || p.reference,
      (e.value || jsonb_build_object('reference', p.reference, 'gateway', p.gateway))::text, NULL)::evidence_entry ORDER BY e.ordinality))
    FROM payments p, jsonb_array_elements(p_exchanges) WITH ORDINALITY AS e WHERE p.reference = p_reference
$$;

ALTER TABLE events ADD COLUMN payment_reference text;

-- What became of a payment is evidence in the chain of its dossier, so that an export by dossier code holds it.
CREATE FUNCTION evidence_of_payment_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_payment payments%ROWTYPE;
BEGIN
  SELECT * INTO v_payment FROM payments WHERE id = NEW.payment_id;
  PERFORM append_evidence(ARRAY[ROW('lane/' || v_payment.dossier_code, 'payment', NEW.actor, 'payment/' || v_payment.reference,
    jsonb_build_object('reference', v_payment.reference, 'gateway', v_payment.gateway, 'source', NEW.source, 'from', NEW.from_state, 'to', NEW.to_state,
      'applied', NEW.applied, 'reason', NEW.reason, 'code', NEW.code, 'amountVnd', NEW.amount_vnd, 'gatewayTransaction', NEW.gateway_transaction,
      'gatewayAt', evidence_time(NEW.gateway_at), 'callbackId', NEW.callback_id::text)::text, NULL)::evidence_entry]);
  RETURN NULL;
END $$;
CREATE TRIGGER payment_events_evidence AFTER INSERT ON payment_events FOR EACH ROW EXECUTE FUNCTION evidence_of_payment_event();
