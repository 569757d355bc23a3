-- The door of /graphql: calls counted over all processes, and documents that were registered.

-- Columns as rate-limiter-flexible wants them. Unlogged: after a crash of the server counting begins again.
CREATE UNLOGGED TABLE rate_limits (
  key    varchar(255) PRIMARY KEY,
  points integer NOT NULL DEFAULT 0,
  -- Milliseconds since 1970.
  expire bigint
);

CREATE TABLE trusted_documents (
  -- SHA-256 of the text in lower-case hex, which is what clients send.
  id            text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{64}$'),
  body          text NOT NULL,
  -- Name of its operation, for people.
  name          text,
  registered_at timestamptz NOT NULL DEFAULT now()
);
