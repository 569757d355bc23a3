-- The national procedure catalogue, the province's own procedures, and how the two match.

CREATE TABLE national_procedures (
  code            text PRIMARY KEY,
  reference       text NOT NULL,
  name            text NOT NULL,
  -- Without marks and in lower case, for search and similarity.
  folded_name     text NOT NULL,
  is_public       boolean NOT NULL,
  listed_version  text,
  -- Name as the list gave it, which need not be the record's.
  listed_name     text NOT NULL,
  version         integer NOT NULL,
  content         jsonb NOT NULL,
  original        jsonb NOT NULL,
  field_codes     text[] NOT NULL,
  agency_codes    text[] NOT NULL,
  levels          text[] NOT NULL,
  search          tsvector NOT NULL,
  first_seen_at   timestamptz NOT NULL DEFAULT now(),
  changed_at      timestamptz NOT NULL DEFAULT now(),
  -- Last time that the whole record was read; the rotating share of incremental syncs takes the oldest.
  read_at         timestamptz NOT NULL DEFAULT now(),
  -- Complete listings in a row in which it was absent; withdrawn when there were two.
  absences        integer NOT NULL DEFAULT 0,
  withdrawn_at    timestamptz
);
CREATE INDEX national_procedures_read_at ON national_procedures (read_at);
CREATE INDEX national_procedures_search ON national_procedures USING gin (search);
CREATE INDEX national_procedures_fields ON national_procedures USING gin (field_codes);
CREATE INDEX national_procedures_agencies ON national_procedures USING gin (agency_codes);
CREATE INDEX national_procedures_levels ON national_procedures USING gin (levels);

-- What changed, and when we saw it. Append-only.
CREATE TABLE procedure_changes (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code    text NOT NULL,
  version integer NOT NULL,
  kind    text NOT NULL CHECK (kind IN ('added', 'changed', 'unpublished', 'published', 'withdrawn', 'returned')),
  -- {path: {from, to}} of the parsed record.
  diff    jsonb NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT now(),
  sync_id bigint
);
CREATE INDEX procedure_changes_code ON procedure_changes (code, id);

CREATE TABLE procedure_syncs (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind         text NOT NULL CHECK (kind IN ('full', 'incremental')),
  state        text NOT NULL CHECK (state IN ('running', 'complete', 'failed', 'cancelled')),
  requested_by text NOT NULL,
  cursor       text,
  -- Night for which the schedule started it (a Vietnamese day); null for one that somebody asked for.
  slot         text UNIQUE,
  listing_done boolean NOT NULL DEFAULT false,
  -- The listing came to its end without a gap: only then does an absence count.
  listing_complete boolean NOT NULL DEFAULT false,
  -- Why it did not.
  listing_problem text,
  listed       integer NOT NULL DEFAULT 0,
  read         integer NOT NULL DEFAULT 0,
  changed      integer NOT NULL DEFAULT 0,
  failed       integer NOT NULL DEFAULT 0,
  unchanged    integer NOT NULL DEFAULT 0,
  withdrawn    integer NOT NULL DEFAULT 0,
  total        integer,
  -- Failed attempts at the current page, in a row.
  failures     integer NOT NULL DEFAULT 0,
  -- Why it waits, or ended as it did.
  reason       text,
  -- It waits until then: the party said so, or does not answer.
  resume_at    timestamptz NOT NULL DEFAULT now(),
  started_at   timestamptz NOT NULL DEFAULT now(),
  ended_at     timestamptz,
  lease_until  timestamptz,
  lease_token  uuid
);
CREATE UNIQUE INDEX procedure_syncs_one_running ON procedure_syncs ((true)) WHERE state = 'running';
-- What a running sync has listed and still has to read; survives a crash with its sync.
CREATE TABLE procedure_sync_items (
  sync_id   bigint NOT NULL REFERENCES procedure_syncs ON DELETE CASCADE,
  reference text NOT NULL,
  code      text NOT NULL,
  name      text NOT NULL,
  version   text,
  -- duplicate: another reference of the same code, with a newer version, is read instead.
  state     text NOT NULL DEFAULT 'listed' CHECK (state IN ('listed', 'read', 'unchanged', 'failed', 'gone', 'duplicate')),
  tries     integer NOT NULL DEFAULT 0,
  due_at    timestamptz NOT NULL DEFAULT now(),
  reason    text,
  PRIMARY KEY (sync_id, reference)
);
CREATE INDEX procedure_sync_items_open ON procedure_sync_items (sync_id, due_at) WHERE state = 'listed';
CREATE INDEX procedure_sync_items_code ON procedure_sync_items (sync_id, code);

-- The province's own copy, as the provincial portal gives it.
CREATE TABLE local_procedures (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code         text NOT NULL,
  agency_code  text NOT NULL,
  name         text NOT NULL,
  folded_name  text NOT NULL,
  field_code   text,
  level        text,
  -- Service level: old 2, 3, 4 or new PARTIAL, FULL, INFORMATION; null where it is not offered online.
  service_level text,
  fee_vnd      bigint,
  time_amount  integer,
  time_unit    text,
  active       boolean NOT NULL DEFAULT true,
  imported_at  timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  UNIQUE (code, agency_code)
);
CREATE INDEX local_procedures_agency ON local_procedures (agency_code);

CREATE TABLE match_runs (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cause      text NOT NULL CHECK (cause IN ('sync', 'import', 'nightly', 'request')),
  at         timestamptz NOT NULL DEFAULT now(),
  total      integer NOT NULL,
  matched    integer NOT NULL,
  counts     jsonb NOT NULL,
  by_agency  jsonb NOT NULL
);
-- One row for each local procedure (and each one missing locally) of a run.
CREATE TABLE match_results (
  run_id         bigint NOT NULL REFERENCES match_runs ON DELETE CASCADE,
  position       integer NOT NULL,
  local_id       bigint,
  local_code     text,
  agency_code    text NOT NULL,
  class          text NOT NULL CHECK (class IN ('MATCHED', 'MATCHED_WITH_DIFFERENCES', 'CODE_WRONG', 'UNKNOWN', 'WITHDRAWN', 'DUPLICATE', 'MISSING_LOCALLY')),
  national_code  text,
  suggested_code text,
  score          double precision,
  differences    jsonb NOT NULL DEFAULT '[]',
  PRIMARY KEY (run_id, position)
);
CREATE INDEX match_results_local ON match_results (local_id, run_id);
CREATE INDEX match_results_agency ON match_results (run_id, agency_code, class);

-- Suggestions that an operator accepted; the correction file for the portal is made of them.
CREATE TABLE match_corrections (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  local_id       bigint NOT NULL,
  run_id         bigint NOT NULL,
  from_code      text NOT NULL,
  to_code        text NOT NULL,
  accepted_by    text NOT NULL,
  accepted_at    timestamptz NOT NULL DEFAULT now(),
  UNIQUE (local_id, from_code, to_code)
);

-- A public service: a procedure offered online by an agency.
CREATE TABLE public_services (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code           text NOT NULL,
  procedure_code text NOT NULL,
  agency_code    text NOT NULL,
  service_level  text NOT NULL,
  state          text NOT NULL DEFAULT 'NOT_READY' CHECK (state IN ('NOT_READY', 'READY', 'SUBMITTED', 'CONNECTED', 'SUSPENDED')),
  eform          boolean NOT NULL DEFAULT false,
  officials      integer NOT NULL DEFAULT 0,
  electronic_result boolean NOT NULL DEFAULT false,
  postal_result  boolean NOT NULL DEFAULT false,
  deep_link      text,
  updated_at     timestamptz NOT NULL DEFAULT now(),
  UNIQUE (procedure_code, agency_code)
);
CREATE INDEX public_services_agency ON public_services (agency_code);
CREATE TABLE public_service_states (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  service_id bigint NOT NULL REFERENCES public_services,
  from_state text,
  to_state   text NOT NULL,
  at         timestamptz NOT NULL DEFAULT now(),
  actor      text NOT NULL,
  reason     text
);
CREATE INDEX public_service_states_service ON public_service_states (service_id, id);
CREATE INDEX public_service_states_at ON public_service_states (at);
