-- Bank accounts into which agencies' fees are paid, and everything that was ever asked, checked and decided about them.

CREATE TABLE bank_accounts (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  agency_code    text NOT NULL,
  bank_code      text NOT NULL,
  -- Null for the State Treasury, which has none.
  bank_bin       text CHECK (bank_bin ~ '^\d{6}$'),
  state          text NOT NULL CHECK (state IN ('REQUESTED', 'REFUSED', 'COOLING', 'ACTIVE', 'SUSPENDED', 'CLOSED')),
  -- Number and holder's name, each sealed under its own context; the last four characters and a keyed digest stand in the open.
  key_id         text NOT NULL,
  number_sealed  text NOT NULL,
  holder_sealed  text NOT NULL,
  number_last4   text NOT NULL CHECK (length(number_last4) <= 4),
  number_index   bytea NOT NULL,
  purpose        text NOT NULL,
  fee_kinds      text[] NOT NULL CHECK (fee_kinds <@ ARRAY['FEE', 'CHARGE'] AND cardinality(fee_kinds) > 0),
  valid_from     date NOT NULL,
  valid_to       date,
  -- Account whose place it takes once it is active.
  replaces       bigint REFERENCES bank_accounts (id),
  -- Told of every change from now on; sealed.
  contact_sealed text NOT NULL,
  name_check     text NOT NULL DEFAULT 'NOT_CHECKED' CHECK (name_check IN ('NOT_CHECKED', 'MATCHED', 'SIMILAR', 'DIFFERENT', 'NO_SUCH_ACCOUNT', 'UNSUPPORTED', 'UNAVAILABLE')),
  name_score     real,
  name_checked_by text,
  name_checked_at timestamptz,
  -- When a bank is asked for the holder's name next, and how often in a row no answer came.
  name_check_due_at timestamptz NOT NULL DEFAULT now(),
  name_check_failures integer NOT NULL DEFAULT 0,
  requested_by   text NOT NULL,
  requested_at   timestamptz NOT NULL DEFAULT now(),
  approved_by    text,
  approved_at    timestamptz,
  usable_at      timestamptz,
  state_at       timestamptz NOT NULL DEFAULT now(),
  revision       integer NOT NULL DEFAULT 1,
  CHECK (approved_by IS DISTINCT FROM requested_by),
  CHECK (state IN ('REQUESTED', 'REFUSED', 'CLOSED') OR approved_by IS NOT NULL),
  CHECK (valid_to IS NULL OR valid_to >= valid_from)
);
CREATE INDEX bank_accounts_agency ON bank_accounts (agency_code, state);
CREATE INDEX bank_accounts_number ON bank_accounts (number_index);
CREATE INDEX bank_accounts_cooling ON bank_accounts (usable_at) WHERE state = 'COOLING';
CREATE INDEX bank_accounts_check ON bank_accounts (name_check_due_at) WHERE state IN ('REQUESTED', 'COOLING', 'ACTIVE', 'SUSPENDED');
CREATE UNIQUE INDEX bank_accounts_one_successor ON bank_accounts (replaces) WHERE state IN ('REQUESTED', 'COOLING');

-- One row for every move and every check; added to only.
CREATE TABLE bank_account_history (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES bank_accounts (id),
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  action     text NOT NULL,
  from_state text,
  to_state   text NOT NULL,
  actor      text NOT NULL,
  reason     text,
  -- Name of the one who checked and how it ended; no number, no name of a holder.
  detail     jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX bank_account_history_account ON bank_account_history (account_id, id);

CREATE FUNCTION refuse_change_of_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the history in % is only added to', TG_TABLE_NAME;
END $$;
CREATE TRIGGER bank_account_history_only_added BEFORE UPDATE OR DELETE ON bank_account_history FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();

-- Payment parties that must be told of an account by a person before it can be used with them.
CREATE TABLE bank_account_registrations (
  account_id   bigint NOT NULL REFERENCES bank_accounts (id),
  gateway      text NOT NULL,
  confirmed_by text NOT NULL,
  confirmed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, gateway)
);

-- What is to be told to an account's contacts, old and new, of each change; sent as events and shown to the agency.
CREATE TABLE bank_account_notices (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES bank_accounts (id),
  kind       text NOT NULL,
  -- Contact to whom it goes, sealed: the one that was there before the change.
  to_sealed  text NOT NULL,
  key_id     text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  seen_by    text,
  seen_at    timestamptz
);
CREATE INDEX bank_account_notices_unseen ON bank_account_notices (id) WHERE seen_at IS NULL;

CREATE FUNCTION evidence_of_bank_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM append_evidence(ARRAY[ROW('bank-account/' || NEW.account_id, 'bank-account', NEW.actor, 'bank-account/' || NEW.account_id,
    jsonb_build_object('action', NEW.action, 'from', NEW.from_state, 'to', NEW.to_state, 'reason', NEW.reason, 'detail', NEW.detail)::text, NULL)::evidence_entry]);
  RETURN NULL;
END $$;
CREATE TRIGGER bank_account_history_evidence AFTER INSERT ON bank_account_history FOR EACH ROW EXECUTE FUNCTION evidence_of_bank_account();
