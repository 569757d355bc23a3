-- Causes of evidence that came after 0005: refused access, and what parties send us.

-- One record a day for the same attempt; access_attempts counts the repeats, so that guessing cannot fill the chains either.
CREATE FUNCTION evidence_of_access_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM append_evidence(ARRAY[ROW('client/' || NEW.client, 'access-refused', 'client/' || NEW.client, NEW.target_kind || '/' || NEW.target,
    jsonb_build_object('operation', NEW.operation, 'client', NEW.client, 'role', NEW.role, 'agencyScope', NEW.agency_scope, 'existed', NEW.existed,
      'correlationId', NEW.correlation_id)::text, NULL)::evidence_entry]);
  RETURN NULL;
END $$;
CREATE TRIGGER access_attempts_evidence AFTER INSERT ON access_attempts FOR EACH ROW EXECUTE FUNCTION evidence_of_access_attempt();

-- A chain for each callback: two of one party do not wait for each other.
CREATE FUNCTION evidence_of_callback() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM append_evidence(ARRAY[ROW('callback/' || NEW.party || '/' || NEW.id, 'callback-' || NEW.state, 'party/' || NEW.party, NEW.kind || '/' || NEW.unique_key,
    jsonb_build_object('party', NEW.party, 'kind', NEW.kind, 'uniqueKey', NEW.unique_key, 'state', NEW.state, 'verifiedBy', NEW.verified_by,
      'receivedAt', evidence_time(NEW.received_at), 'partyAt', evidence_time(NEW.party_at), 'digest', encode(NEW.digest, 'hex'),
      'bodyDigest', encode(sha256(convert_to(NEW.body, 'UTF8')), 'hex'), 'replyDigest', encode(sha256(convert_to(NEW.reply::text, 'UTF8')), 'hex'))::text,
    NULL)::evidence_entry]);
  RETURN NULL;
END $$;
CREATE TRIGGER callbacks_evidence AFTER INSERT ON callbacks FOR EACH ROW EXECUTE FUNCTION evidence_of_callback();
CREATE TRIGGER callbacks_settled_evidence AFTER UPDATE OF state ON callbacks FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
  EXECUTE FUNCTION evidence_of_callback();
