-- People who log in: local accounts, sessions, and what happened at the door.

CREATE TABLE users (
  name          text PRIMARY KEY CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
  role          text NOT NULL CHECK (role IN ('operator', 'supervisor', 'leader', 'auditor')),
  -- Code of the agency whose subtree it may see; null for the whole province.
  agency_scope  text,
  state         text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
  -- scrypt$log2(N)$r$p$salt$hash
  password_hash text NOT NULL,
  -- A one-time password opens nothing but the change of the password, and only until it expires.
  must_change_password boolean NOT NULL,
  password_expires_at  timestamptz,
  -- Sealed with a field key; null where no second factor is asked for.
  totp_secret   text,
  -- The last time step whose code was taken: a code works once.
  totp_step     bigint NOT NULL DEFAULT 0,
  created_at    timestamptz NOT NULL DEFAULT now(),
  created_by    text NOT NULL,
  last_login_at timestamptz
);

CREATE TABLE sessions (
  -- SHA-256 of the cookie: a copy of the database opens no session.
  id_hash      bytea PRIMARY KEY CHECK (length(id_hash) = 32),
  -- Local account, whose role and state hold at each call; null for a person whom the identity provider vouched for.
  user_name    text REFERENCES users (name) ON DELETE CASCADE,
  -- Under which name the person acts.
  client       text NOT NULL,
  -- What the identity provider said; null for a local account.
  role         text CHECK (role IN ('operator', 'supervisor', 'leader', 'auditor')),
  created_at   timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL,
  CHECK ((user_name IS NULL) = (role IS NOT NULL))
);
CREATE INDEX sessions_of_user ON sessions (user_name);

CREATE TABLE pending_logins (
  -- SHA-256 of the cookie that ties the answer of the identity provider to the browser that asked.
  id_hash    bytea PRIMARY KEY CHECK (length(id_hash) = 32),
  state      text NOT NULL,
  nonce      text NOT NULL,
  -- PKCE; useless without the authorisation code.
  verifier   text NOT NULL,
  expires_at timestamptz NOT NULL
);

-- Failures in a row of an account (whether or not it exists) and of an address. Digests: people type passwords into the name's field.
CREATE TABLE login_locks (
  key          bytea PRIMARY KEY CHECK (length(key) = 32),
  failures     integer NOT NULL,
  locked_until timestamptz NOT NULL,
  last_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE login_events (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at      timestamptz NOT NULL DEFAULT now(),
  kind    text NOT NULL CHECK (kind IN ('login', 'refused', 'locked', 'logout', 'password-changed')),
  method  text NOT NULL CHECK (method IN ('password', 'oidc', 'session')),
  -- Who, where that is known; never what somebody typed as a name.
  client  text,
  address text NOT NULL,
  -- Stable code of why; null for what went well.
  reason  text
);
CREATE INDEX login_events_of_client ON login_events (client, at);

CREATE FUNCTION refuse_change_of_login_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of login_events is refused: they are only added', TG_OP USING ERRCODE = 'OG002';
END $$;
CREATE TRIGGER login_events_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON login_events EXECUTE FUNCTION refuse_change_of_login_events();
