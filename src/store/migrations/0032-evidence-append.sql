-- Appends as before, record by record the same bytes, at a tenth of the cost for a long list: ids are drawn first, so that what was put
-- need not be found again by its chain, and the digest is one expression instead of nine calls of functions.
CREATE OR REPLACE FUNCTION append_evidence(p_entries evidence_entry[]) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_rounds integer;
  v_at timestamptz;
  v_time text;
BEGIN
  PERFORM pg_advisory_xact_lock(k) FROM (SELECT DISTINCT hashtextextended(e.chain, 5) AS k FROM unnest(p_entries) AS e ORDER BY 1) AS locks;
  SELECT max(n) INTO v_rounds FROM (SELECT count(*) AS n FROM unnest(p_entries) AS e GROUP BY e.chain) AS counted;
  v_at := clock_timestamp();
  v_time := evidence_field(evidence_time(v_at));
  FOR v_round IN 1 .. coalesce(v_rounds, 0) LOOP
    WITH entry AS (
      SELECT e.*, row_number() OVER (PARTITION BY e.chain ORDER BY e.ord) AS nth
        FROM unnest(p_entries) WITH ORDINALITY AS e (chain, kind, actor, subject, message, attempt_id, ord)
    ), linked AS MATERIALIZED (
      SELECT e.*, nextval('evidence_id_seq') AS id, sha256(convert_to(e.message, 'UTF8')) AS message_digest, coalesce(head.sequence, 0) + 1 AS sequence,
             coalesce(head.digest, decode(repeat('00', 32), 'hex')) AS previous
        FROM entry e LEFT JOIN LATERAL (SELECT x.sequence, x.digest FROM evidence x WHERE x.chain = e.chain ORDER BY x.sequence DESC LIMIT 1) AS head ON true
        WHERE e.nth = v_round
    ), put AS (
      -- The encoding of src/evidence/canonical-digest.ts.
      INSERT INTO evidence (id, chain, sequence, at, kind, actor, subject, message_digest, previous, digest, attempt_id) OVERRIDING SYSTEM VALUE
      SELECT l.id, l.chain, l.sequence, v_at, l.kind, l.actor, l.subject, l.message_digest, l.previous,
             sha256(convert_to('18:onestop-evidence-1,'
               || octet_length(convert_to(l.chain, 'UTF8')) || ':' || l.chain || ',' || length(l.sequence::text) || ':' || l.sequence || ',' || v_time
               || octet_length(convert_to(l.kind, 'UTF8')) || ':' || l.kind || ',' || octet_length(convert_to(l.actor, 'UTF8')) || ':' || l.actor || ','
               || octet_length(convert_to(l.subject, 'UTF8')) || ':' || l.subject || ',64:' || encode(l.message_digest, 'hex') || ',64:' || encode(l.previous, 'hex') || ',', 'UTF8')), l.attempt_id
        FROM linked l
    ), queued AS (
      INSERT INTO evidence_unsealed (evidence_id) SELECT l.id FROM linked l
    )
    INSERT INTO evidence_bodies (evidence_id, body) SELECT l.id, l.message FROM linked l WHERE l.attempt_id IS NULL;
  END LOOP;
END $$;
DROP FUNCTION evidence_digest(evidence);
