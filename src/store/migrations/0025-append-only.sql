-- Tables that the gateway's role may read and add to, and nothing more. A later migration adds a name here; `migrate --grant-role` obeys the list.
CREATE TABLE append_only_tables (name text PRIMARY KEY);
INSERT INTO append_only_tables VALUES
  ('evidence'), ('evidence_bodies'), ('evidence_blocks'), ('evidence_seals'), ('evidence_heads'), ('evidence_stamps'), ('operator_actions'),
  ('public_service_states'), ('bank_account_history'), ('payment_events'), ('ledger');

CREATE OR REPLACE FUNCTION grant_gateway_role(p_role name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_name name;
BEGIN
  FOR v_name IN SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema' LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', v_name, p_role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I', v_name, p_role);
    EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO %I', v_name, p_role);
    EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %I TO %I', v_name, p_role);
  END LOOP;
  FOR v_name IN SELECT name FROM append_only_tables LOOP
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM %I', v_name, p_role);
  END LOOP;
  EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON schema_migrations, append_only_tables FROM %I', p_role);
  EXECUTE format('REVOKE EXECUTE ON FUNCTION grant_gateway_role(name) FROM %I', p_role);
END $$;
