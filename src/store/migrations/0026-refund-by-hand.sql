-- What persons say of a refund that its gateway took and never ended: the first one's word waits in these columns for another's. The
-- gateway is asked on afterwards, and where it says that it gave the money back too, that is kept here.
ALTER TABLE refunds
  ADD COLUMN hand_outcome    text CHECK (hand_outcome IN ('DONE', 'NOT_DONE')),
  -- The bank's number; the gateway's own stays in gateway_transaction.
  ADD COLUMN hand_reference  text,
  ADD COLUMN hand_by         text,
  ADD COLUMN hand_at         timestamptz,
  ADD COLUMN gateway_done_at timestamptz,
  ADD CHECK ((hand_outcome IS NULL) = (hand_by IS NULL)),
  ADD CHECK ((hand_outcome IS NOT DISTINCT FROM 'DONE') = (hand_reference IS NOT NULL));
