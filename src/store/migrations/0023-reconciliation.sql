-- Reconciliation: ours against theirs, both ways, for a gateway and a day (of Vietnam); each run is kept and can be made again.

CREATE TABLE statements (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  gateway    text NOT NULL,
  day        date NOT NULL,
  source     text NOT NULL CHECK (source IN ('file', 'query')),
  sha256     text,
  imported_by text NOT NULL,
  imported_at timestamptz NOT NULL DEFAULT now(),
  line_count integer NOT NULL,
  total_vnd  bigint NOT NULL
);
CREATE INDEX statements_day ON statements (gateway, day, id);

CREATE TABLE statement_lines (
  statement_id        bigint NOT NULL REFERENCES statements (id),
  line                integer NOT NULL,
  kind                text NOT NULL CHECK (kind IN ('PAYMENT', 'REFUND', 'PAYOUT')),
  reference           text,
  gateway_transaction text NOT NULL,
  amount_vnd          bigint NOT NULL,
  state               text NOT NULL,
  at                  timestamptz NOT NULL,
  PRIMARY KEY (statement_id, line)
);

CREATE TABLE reconciliation_runs (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  gateway      text NOT NULL,
  day          date NOT NULL,
  statement_id bigint REFERENCES statements (id),
  started_by   text NOT NULL,
  started_at   timestamptz NOT NULL DEFAULT now(),
  ended_at     timestamptz,
  -- Stable code of what stopped it; a failed run is made again, never replayed.
  failure      text,
  ours_count   integer,
  ours_vnd     bigint,
  theirs_count integer,
  theirs_vnd   bigint,
  matched      integer
);
CREATE INDEX reconciliation_runs_day ON reconciliation_runs (gateway, day, id);

CREATE TABLE reconciliation_differences (
  id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id              bigint NOT NULL REFERENCES reconciliation_runs (id),
  class               text NOT NULL CHECK (class IN ('MISSING_HERE', 'MISSING_THERE', 'AMOUNT', 'STATE', 'DUPLICATE')),
  payment_id          bigint REFERENCES payments (id),
  reference           text,
  gateway_transaction text,
  ours_vnd            bigint,
  theirs_vnd          bigint,
  ours_state          text,
  theirs_state        text,
  -- What was done, or is to be done by a person.
  action              text NOT NULL,
  resolved_by         text,
  resolved_at         timestamptz,
  resolution          text
);
CREATE INDEX reconciliation_differences_run ON reconciliation_differences (run_id, id);
CREATE INDEX reconciliation_differences_open ON reconciliation_differences (id) WHERE resolved_at IS NULL;
