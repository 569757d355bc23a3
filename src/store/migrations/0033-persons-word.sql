-- A person's word on where a parcel stands is a fact of its own kind.
ALTER TABLE shipment_events DROP CONSTRAINT shipment_events_source_check;
ALTER TABLE shipment_events ADD CONSTRAINT shipment_events_source_check CHECK (source IN ('OURS', 'FEED', 'ANSWER', 'CLAIM', 'OPERATOR'));

-- As in 0030; who the person is stands in the record of the action.
CREATE OR REPLACE FUNCTION evidence_of_shipment_events() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_entries evidence_entry[];
BEGIN
  SELECT array_agg(ROW('lane/' || s.dossier_code, 'shipment', CASE a.source WHEN 'OURS' THEN 'gateway' WHEN 'OPERATOR' THEN 'operator' ELSE 'party/' || a.carrier END, 'shipment/' || a.order_number,
      jsonb_build_object('carrier', a.carrier, 'orderNumber', a.order_number, 'key', a.key, 'source', a.source, 'code', a.code, 'text', a.text, 'place', a.place,
        'at', evidence_time(a.at), 'means', a.means, 'failure', a.failure, 'collection', a.collection, 'callbackId', a.callback_id::text)::text, NULL)::evidence_entry ORDER BY a.id)
    INTO v_entries FROM added a JOIN shipments s ON s.id = a.shipment_id;
  IF v_entries IS NOT NULL THEN PERFORM append_evidence(v_entries); END IF;
  RETURN NULL;
END $$;
