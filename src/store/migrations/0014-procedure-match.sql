-- Matching local with national procedures: what is asked for, what was found, and what the intake of dossiers must know.

-- Runs that are owed. A worker takes one under a lease and ends it in the transaction that keeps the run, so a crash repeats it.
CREATE TABLE match_requests (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cause        text NOT NULL CHECK (cause IN ('sync', 'import', 'nightly', 'request')),
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT now(),
  -- Day in Vietnam of a nightly request: several workers ask, one row is made.
  night        date UNIQUE,
  leased_until timestamptz,
  done_at      timestamptz,
  -- Null after `done_at`: there was no complete catalogue to match with.
  run_id       bigint REFERENCES match_runs ON DELETE SET NULL
);
CREATE INDEX match_requests_open ON match_requests (id) WHERE done_at IS NULL;

ALTER TABLE match_runs ADD COLUMN agencies_fallen integer NOT NULL DEFAULT 0, ADD COLUMN lost integer NOT NULL DEFAULT 0;
CREATE INDEX match_runs_at ON match_runs (at);
-- Names as they were: last month's report does not change with today's names.
ALTER TABLE match_results ADD COLUMN local_name text, ADD COLUMN national_name text, ADD COLUMN suggested_name text;
CREATE INDEX match_results_class ON match_results (run_id, class, position);

-- A catalogue that became complete is matched; the sync need not know who matches.
CREATE FUNCTION request_match_after_sync() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO match_requests (cause, requested_by) VALUES ('sync', NEW.requested_by);
  RETURN NULL;
END $$;
CREATE TRIGGER procedure_syncs_match AFTER UPDATE OF state ON procedure_syncs FOR EACH ROW
  WHEN (NEW.state = 'complete' AND OLD.state <> 'complete') EXECUTE FUNCTION request_match_after_sync();

-- Goes up with every change of what procedures may be used; who holds them in memory compares it before each use.
CREATE TABLE procedure_standing_version (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version  bigint NOT NULL
);
INSERT INTO procedure_standing_version (version) VALUES (1);
CREATE FUNCTION touch_procedure_standing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE procedure_standing_version SET version = version + 1;
  RETURN NULL;
END $$;
CREATE TRIGGER national_procedures_standing AFTER UPDATE ON national_procedures FOR EACH ROW
  WHEN (OLD.is_public IS DISTINCT FROM NEW.is_public OR (OLD.withdrawn_at IS NULL) <> (NEW.withdrawn_at IS NULL))
  EXECUTE FUNCTION touch_procedure_standing();
CREATE TRIGGER national_procedures_standing_rows AFTER INSERT OR DELETE ON national_procedures FOR EACH STATEMENT EXECUTE FUNCTION touch_procedure_standing();
CREATE TRIGGER procedure_syncs_standing AFTER UPDATE OF state ON procedure_syncs FOR EACH ROW
  WHEN (NEW.state = 'complete' AND OLD.state <> 'complete') EXECUTE FUNCTION touch_procedure_standing();
CREATE TRIGGER match_runs_standing AFTER INSERT ON match_runs FOR EACH STATEMENT EXECUTE FUNCTION touch_procedure_standing();

-- Events that are about an agency and no dossier.
ALTER TABLE events ALTER COLUMN dossier_code DROP NOT NULL, ADD COLUMN agency_code text;
