-- Reconciliation: ours against theirs, both ways, for a gateway and a day (of Vietnam); each run is kept and can be made again.

CREATE TABLE statements (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  gateway     text NOT NULL,
  day         date NOT NULL,
  -- `query`: what the gateway answered, payment by payment, where it hands out no file.
  source      text NOT NULL CHECK (source IN ('file', 'query')),
  sha256      text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  imported_by text NOT NULL,
  imported_at timestamptz NOT NULL DEFAULT now(),
  line_count  integer NOT NULL,
  total_vnd   bigint NOT NULL,
  -- The file that counts instead.
  replaced_by bigint REFERENCES statements (id),
  CHECK ((source = 'file') = (sha256 IS NOT NULL))
);
CREATE INDEX statements_day ON statements (gateway, day, id);
CREATE UNIQUE INDEX statements_file ON statements (sha256) WHERE sha256 IS NOT NULL;

CREATE TABLE statement_lines (
  statement_id        bigint NOT NULL REFERENCES statements (id),
  line                integer NOT NULL,
  kind                text NOT NULL CHECK (kind IN ('PAYMENT', 'REFUND', 'PAYOUT')),
  reference           text,
  gateway_transaction text,
  amount_vnd          bigint,
  state               text NOT NULL CHECK (state IN ('paid', 'pending', 'failed', 'disputed', 'not-found')),
  at                  timestamptz,
  PRIMARY KEY (statement_id, line)
);
CREATE INDEX statement_lines_reference ON statement_lines (reference) WHERE reference IS NOT NULL;

CREATE TABLE reconciliation_runs (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  gateway      text NOT NULL,
  day          date NOT NULL,
  -- What was compared with; of several files of the day, the newest.
  statement_id bigint REFERENCES statements (id),
  cause        text NOT NULL CHECK (cause IN ('SCHEDULE', 'STATEMENT', 'PERSON')),
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT now(),
  started_at   timestamptz,
  -- Whoever carries it out says now and then that it lives; else another takes it.
  lease_until  timestamptz,
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
-- One at a time for each gateway and day: a second request joins the first.
CREATE UNIQUE INDEX reconciliation_runs_open ON reconciliation_runs (gateway, day) WHERE ended_at IS NULL;

CREATE TABLE reconciliation_differences (
  id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id              bigint NOT NULL REFERENCES reconciliation_runs (id),
  class               text NOT NULL CHECK (class IN ('MISSING_HERE', 'MISSING_THERE', 'AMOUNT', 'STATE', 'DUPLICATE')),
  kind                text NOT NULL CHECK (kind IN ('PAYMENT', 'REFUND', 'PAYOUT')),
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
  resolution          text,
  CHECK ((resolved_at IS NULL) = (resolved_by IS NULL))
);
CREATE INDEX reconciliation_differences_run ON reconciliation_differences (run_id, id);
CREATE INDEX reconciliation_differences_open ON reconciliation_differences (id) WHERE resolved_at IS NULL;

-- Money that a gateway handed on to an agency, once under the gateway's own number, whatever number of files say so.
CREATE TABLE payouts (
  gateway             text NOT NULL,
  gateway_transaction text NOT NULL,
  payment_id          bigint NOT NULL REFERENCES payments (id),
  amount_vnd          bigint NOT NULL CHECK (amount_vnd > 0),
  -- What the ledger could take from transit; the rest is owed back to citizens, and waits.
  posted_vnd          bigint NOT NULL DEFAULT 0 CHECK (posted_vnd BETWEEN 0 AND amount_vnd),
  at                  timestamptz NOT NULL,
  PRIMARY KEY (gateway, gateway_transaction, payment_id)
);
CREATE INDEX payouts_unposted ON payouts (gateway) WHERE posted_vnd < amount_vnd;

-- Each look at the whole ledger: what it found first, and how much there was.
CREATE TABLE ledger_checks (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  day           date NOT NULL,
  started_at    timestamptz NOT NULL DEFAULT now(),
  lease_until   timestamptz NOT NULL,
  ended_at      timestamptz,
  entries       bigint,
  payments      bigint,
  fault_count   integer,
  -- The first, in the order of the ledger.
  fault_kind    text,
  transaction_id bigint,
  reference     text
);
CREATE UNIQUE INDEX ledger_checks_day ON ledger_checks (day);
