-- Time-stamps of a third party over signed heads, and the causes of evidence that 0011 left out: refused logins and refused roles.

-- The answer of the authority (TimeStampResp, DER) over SHA-256 of the head's digest and signature. Only added, like the heads.
CREATE TABLE evidence_stamps (
  head       bigint PRIMARY KEY,
  stamped_at timestamptz NOT NULL,
  response   bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER evidence_stamps_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence_stamps EXECUTE FUNCTION refuse_change_of_evidence();

-- Bookkeeping of heads whose stamp could not be had yet, and who asks for one now.
CREATE TABLE evidence_stamp_tries (
  head     bigint PRIMARY KEY,
  failures integer NOT NULL DEFAULT 0,
  next_at  timestamptz NOT NULL
);

-- Who was refused at the door, one row a day for the same refusal: `attempts` counts repeats, so that guessing fills neither this nor the chain.
CREATE TABLE access_refusals (
  day            date NOT NULL,
  kind           text NOT NULL CHECK (kind IN ('login-refused', 'login-locked', 'forbidden', 'unauthenticated')),
  -- Empty where nobody proved who he is; never what somebody typed as a name.
  client         text NOT NULL,
  -- Field of Mutation, or how somebody wanted to log in.
  operation      text NOT NULL,
  -- Stable code of why; empty where the kind says all.
  reason         text NOT NULL,
  role           text,
  attempts       bigint NOT NULL,
  first_at       timestamptz NOT NULL DEFAULT now(),
  last_at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (day, kind, client, operation, reason)
);

CREATE FUNCTION count_access_refusal(p_kind text, p_client text, p_operation text, p_reason text, p_role text, p_attempts bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO access_refusals AS r (day, kind, client, operation, reason, role, attempts)
    VALUES ((now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, p_kind, p_client, p_operation, p_reason, p_role, p_attempts)
    ON CONFLICT (day, kind, client, operation, reason) DO UPDATE SET attempts = r.attempts + excluded.attempts, last_at = now()
$$;

CREATE FUNCTION count_refused_login() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM count_access_refusal('login-' || NEW.kind, coalesce(NEW.client, ''), NEW.method, coalesce(NEW.reason, ''), NULL, 1);
  RETURN NULL;
END $$;
CREATE TRIGGER login_events_refused AFTER INSERT ON login_events FOR EACH ROW WHEN (NEW.kind IN ('refused', 'locked')) EXECUTE FUNCTION count_refused_login();

-- A record for the first of a day, and for each power of ten that the count reaches.
CREATE FUNCTION evidence_of_access_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM append_evidence(ARRAY[ROW('access', NEW.kind, CASE NEW.client WHEN '' THEN 'anonymous' ELSE 'client/' || NEW.client END, NEW.operation,
    jsonb_build_object('day', NEW.day, 'kind', NEW.kind, 'client', NEW.client, 'operation', NEW.operation, 'reason', NEW.reason, 'role', NEW.role,
      'attempts', NEW.attempts)::text, NULL)::evidence_entry]);
  RETURN NULL;
END $$;
CREATE TRIGGER access_refusals_evidence AFTER INSERT ON access_refusals FOR EACH ROW EXECUTE FUNCTION evidence_of_access_refusal();
CREATE TRIGGER access_refusals_grown AFTER UPDATE OF attempts ON access_refusals FOR EACH ROW
  WHEN (length(NEW.attempts::text) > length(OLD.attempts::text)) EXECUTE FUNCTION evidence_of_access_refusal();

-- As in 0005, with the stamps.
CREATE OR REPLACE FUNCTION grant_gateway_role(p_role name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_schema name;
BEGIN
  FOR v_schema IN SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema' LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', v_schema, p_role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I', v_schema, p_role);
    EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO %I', v_schema, p_role);
    EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %I TO %I', v_schema, p_role);
  END LOOP;
  EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON evidence, evidence_bodies, evidence_blocks, evidence_seals, evidence_heads, evidence_stamps, operator_actions FROM %I', p_role);
  EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM %I', p_role);
  EXECUTE format('REVOKE EXECUTE ON FUNCTION grant_gateway_role(name) FROM %I', p_role);
END $$;
