-- The inbox: what a party sent us, stored once before it is applied.
CREATE TABLE callbacks (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  party       text NOT NULL,
  kind        text NOT NULL,
  -- What the party calls this message; a repeat carries the same.
  unique_key  text NOT NULL,
  state       text NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'applied', 'refused', 'conflict')),
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- The party's own time of the message, where it tells one.
  party_at    timestamptz,
  -- Id of the key, token or certificate that it was verified with.
  verified_by text NOT NULL,
  -- Keyed digest of what makes two messages the same.
  digest      bytea NOT NULL,
  -- The bytes as received, sealed; null once retention took them.
  body        text,
  reply       jsonb,
  failures    integer NOT NULL DEFAULT 0,
  due_at      timestamptz NOT NULL DEFAULT now(),
  settled_at  timestamptz,
  CHECK ((state IN ('applied', 'refused')) = (settled_at IS NOT NULL)),
  CHECK (state NOT IN ('applied', 'refused') OR reply IS NOT NULL)
);
CREATE UNIQUE INDEX callbacks_once ON callbacks (party, kind, unique_key) WHERE state <> 'conflict';
-- Other content under a known key: each kept once, however often it comes.
CREATE UNIQUE INDEX callbacks_conflicts ON callbacks (party, kind, unique_key, digest) WHERE state = 'conflict';
CREATE INDEX callbacks_due ON callbacks (due_at) WHERE state = 'received';
CREATE INDEX callbacks_age ON callbacks USING brin (received_at);

-- How far a party's clock is from ours. One sample a message, so that one message sent many times moves nothing.
CREATE TABLE callback_skews (
  party      text NOT NULL,
  kind       text NOT NULL,
  unique_key text NOT NULL,
  skew_ms    integer NOT NULL,
  sampled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (party, kind, unique_key)
);
CREATE INDEX callback_skews_latest ON callback_skews (party, sampled_at DESC);
