-- Which programs may call: API clients with their keys.

CREATE TABLE api_clients (
  name         text PRIMARY KEY CHECK (name ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
  role         text NOT NULL CHECK (role IN ('portal', 'agency', 'operator', 'supervisor', 'leader', 'auditor')),
  -- Code of the agency whose subtree it may see; null for the whole province.
  agency_scope text,
  state        text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'revoked')),
  created_at   timestamptz NOT NULL DEFAULT now(),
  created_by   text NOT NULL,
  CHECK (role <> 'agency' OR agency_scope IS NOT NULL)
);

CREATE TABLE api_keys (
  -- Public part of the key, by which it is looked up and named.
  prefix       text PRIMARY KEY,
  client       text NOT NULL REFERENCES api_clients (name),
  -- SHA-256 of the whole key: 256 random bits need no slow hash.
  digest       bytea NOT NULL CHECK (length(digest) = 32),
  created_at   timestamptz NOT NULL DEFAULT now(),
  created_by   text NOT NULL,
  expires_at   timestamptz NOT NULL,
  revoked_at   timestamptz,
  -- Within ten minutes; not written for each call.
  last_used_at timestamptz
);
CREATE INDEX api_keys_of_client ON api_keys (client);

-- Every change of who may call moves this on; processes that keep a copy compare it.
CREATE TABLE access_version (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version  bigint NOT NULL DEFAULT 1
);
INSERT INTO access_version DEFAULT VALUES;

CREATE FUNCTION move_access_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE access_version SET version = version + 1;
  RETURN NULL;
END $$;

CREATE TRIGGER api_clients_changed AFTER INSERT OR DELETE OR UPDATE ON api_clients FOR EACH STATEMENT EXECUTE FUNCTION move_access_version();
-- Not for last_used_at, which says nothing about who may call.
CREATE TRIGGER api_keys_changed AFTER INSERT OR DELETE OR UPDATE OF client, digest, expires_at, revoked_at ON api_keys
  FOR EACH STATEMENT EXECUTE FUNCTION move_access_version();
