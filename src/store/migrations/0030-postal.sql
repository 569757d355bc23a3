-- The post: each parcel that carries a dossier or its result, everything that was ever heard of it, and how far carriers were asked.

CREATE TABLE shipments (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Ours; the carrier knows the parcel by it. The dossier code, with a suffix from the dossier's second parcel on.
  order_number    text NOT NULL,
  carrier         text NOT NULL,
  dossier_code    text NOT NULL,
  agency_code     text NOT NULL,
  client          text NOT NULL,
  direction       text NOT NULL CHECK (direction IN ('PICKUP', 'RETURN')),
  -- Which parcel of its dossier it is, from 1.
  sequence        integer NOT NULL CHECK (sequence > 0),
  -- The one whose place it takes: a second return after a failed one, or with a correction.
  previous_id     bigint REFERENCES shipments (id),
  service         text,
  weight_grams    integer NOT NULL CHECK (weight_grams > 0),
  -- As the history says (src/postal/shipment-history.ts); kept for lists and figures.
  state           text NOT NULL DEFAULT 'REQUESTED' CHECK (state IN ('REQUESTED', 'UNKNOWN', 'REFUSED', 'ORDERED', 'COLLECTING', 'COLLECTED', 'IN_TRANSIT', 'AT_OFFICE',
    'FAILED', 'RETURNING', 'CANCELLED', 'DELIVERED', 'RETURNED')),
  state_at        timestamptz NOT NULL DEFAULT now(),
  failure         text,
  -- Why a person must look; null while none must.
  person_reason   text,
  carrier_number  text,
  -- What the carrier wants repeated; no personal data.
  carrier_data    jsonb NOT NULL DEFAULT '{}',
  -- The rest of the order, repeated to the letter; no personal data.
  order_data      jsonb NOT NULL,
  quoted_vnd      bigint CHECK (quoted_vnd >= 0),
  fee_vnd         bigint CHECK (fee_vnd >= 0),
  collect_vnd     bigint NOT NULL DEFAULT 0 CHECK (collect_vnd >= 0),
  -- What the carrier said of the money; books nothing.
  collection      text CHECK (collection IN ('COLLECTED', 'PAID_OUT')),
  -- The payment that collects it.
  payment_id      bigint REFERENCES payments (id),
  -- Sender, recipient, contents and note, sealed; emptied by retention.
  key_id          text NOT NULL,
  content         text,
  created_at      timestamptz NOT NULL DEFAULT now(),
  -- When the carrier had the order, when it was first seen on the road, when it came to its end.
  ordered_at      timestamptz,
  collected_at    timestamptz,
  ended_at        timestamptz,
  cancel_asked_at timestamptz,
  -- When the carrier is to be asked next; null where there is nothing to ask.
  ask_at          timestamptz,
  asks            integer NOT NULL DEFAULT 0,
  delivery_id     bigint,
  -- When anything was heard of it last, by our clock.
  heard_at        timestamptz NOT NULL DEFAULT now(),
  UNIQUE (order_number, carrier),
  UNIQUE (dossier_code, sequence),
  CHECK ((collect_vnd > 0) = (payment_id IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX shipments_list ON shipments (created_at, id);
CREATE INDEX shipments_agency ON shipments (agency_code, created_at);
-- No index below names a column that a usual event changes (state, state_at, heard_at): such an event then costs one row version and no index.
CREATE INDEX shipments_open ON shipments (created_at) WHERE ended_at IS NULL;
CREATE INDEX shipments_ask ON shipments (carrier, ask_at) WHERE ask_at IS NOT NULL;
CREATE INDEX shipments_person ON shipments (id) WHERE person_reason IS NOT NULL;
CREATE INDEX shipments_payment ON shipments (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX shipments_carrier_number ON shipments (carrier, carrier_number) WHERE carrier_number IS NOT NULL;
CREATE INDEX shipments_key ON shipments (key_id) WHERE content IS NOT NULL;

-- What a dossier's citizen chose, and where the result is to go; sealed as above.
CREATE TABLE postal_choices (
  dossier_code text PRIMARY KEY,
  choice       text NOT NULL CHECK (choice IN ('SEND', 'RETURN', 'BOTH')),
  key_id       text NOT NULL,
  recipient    text,
  chosen_at    timestamptz NOT NULL DEFAULT now()
);

-- Every fact that was heard, once. Added to only; which of them move the parcel is computed from all of them.
CREATE TABLE shipment_events (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Null: the carrier speaks of a number that is none of ours.
  shipment_id  bigint REFERENCES shipments (id),
  carrier      text NOT NULL,
  order_number text NOT NULL,
  key          text NOT NULL,
  source       text NOT NULL CHECK (source IN ('OURS', 'FEED', 'ANSWER', 'CLAIM')),
  code         text NOT NULL,
  text         text,
  place        text,
  at           timestamptz NOT NULL,
  received_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  means        text,
  failure      text,
  collection   text,
  callback_id  bigint
);
-- A claim and its confirmation are two facts.
CREATE UNIQUE INDEX shipment_events_once ON shipment_events (carrier, order_number, key, (source = 'CLAIM'));
CREATE INDEX shipment_events_shipment ON shipment_events (shipment_id, at) WHERE shipment_id IS NOT NULL;
CREATE INDEX shipment_events_unmatched ON shipment_events (received_at) WHERE shipment_id IS NULL;
CREATE TRIGGER shipment_events_only_added BEFORE UPDATE OR DELETE ON shipment_events FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
CREATE TRIGGER shipment_events_never_emptied BEFORE TRUNCATE ON shipment_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();
INSERT INTO append_only_tables VALUES ('shipment_events');

-- What was heard of a parcel is evidence in the chain of its dossier; a page of a feed is one call.
CREATE FUNCTION evidence_of_shipment_events() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_entries evidence_entry[];
BEGIN
  SELECT array_agg(ROW('lane/' || s.dossier_code, 'shipment', CASE a.source WHEN 'OURS' THEN 'gateway' ELSE 'party/' || a.carrier END, 'shipment/' || a.order_number,
      jsonb_build_object('carrier', a.carrier, 'orderNumber', a.order_number, 'key', a.key, 'source', a.source, 'code', a.code, 'text', a.text, 'place', a.place,
        'at', evidence_time(a.at), 'means', a.means, 'failure', a.failure, 'collection', a.collection, 'callbackId', a.callback_id::text)::text, NULL)::evidence_entry ORDER BY a.id)
    INTO v_entries FROM added a JOIN shipments s ON s.id = a.shipment_id;
  IF v_entries IS NOT NULL THEN PERFORM append_evidence(v_entries); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER shipment_events_evidence AFTER INSERT ON shipment_events REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION evidence_of_shipment_events();

-- What deliveries to carriers left behind is held with the dossier.
CREATE OR REPLACE VIEW held_chains AS
  SELECT 'lane/' || dossier_code AS chain FROM held_dossiers
  UNION ALL SELECT 'lane/post/' || dossier_code FROM held_dossiers
  UNION ALL SELECT 'callback/' || c.party || '/' || c.id FROM callbacks c JOIN held_dossiers h USING (dossier_code);

-- How far a carrier's feed was read. The page's events and the cursor behind it are written in one transaction.
CREATE TABLE postal_feeds (
  carrier     text PRIMARY KEY,
  cursor      text NOT NULL,
  polled_at   timestamptz,
  due_at      timestamptz NOT NULL DEFAULT now(),
  lease_token text,
  lease_until timestamptz,
  -- Stable code of the last failure; null since the last good page.
  failure     text,
  pages       bigint NOT NULL DEFAULT 0,
  events      bigint NOT NULL DEFAULT 0
);

ALTER TABLE events ADD COLUMN shipment_number text;
