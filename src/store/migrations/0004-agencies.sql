-- The tree of agencies. Everything is kept for ever: an agency that ends gets a last day, for old dossiers still name it.

-- Goes up with every change of the tree; who holds the tree in memory compares it before each use. Its row lock serialises writers.
CREATE TABLE agency_tree (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version  bigint NOT NULL
);
INSERT INTO agency_tree (version) VALUES (1);

CREATE TABLE agencies (
  -- The code it was first known by; never changes. Its other codes are in agency_codes.
  code         text PRIMARY KEY,
  parent_code  text REFERENCES agencies (code),
  name_vi      text NOT NULL,
  name_en      text,
  kind         text NOT NULL CHECK (kind IN ('PROVINCE', 'DEPARTMENT', 'DISTRICT', 'COMMUNE', 'WARD', 'SERVICE_CENTRE', 'OTHER')),
  level        text NOT NULL CHECK (level IN ('PROVINCE', 'DISTRICT', 'COMMUNE')),
  address      text,
  phone        text,
  email        text,
  -- First and last day, in Vietnam; null is open.
  active_from  date,
  active_until date,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  CHECK (active_from <= active_until)
);

-- Every code that an agency has or had, of both epochs; the deeper levels of one are not computable from the other.
CREATE TABLE agency_codes (
  agency_code text NOT NULL REFERENCES agencies (code),
  code        text NOT NULL,
  valid_from  date,
  valid_until date,
  -- HIGH: from a document; MEDIUM: seen in use; LOW: from memory or by analogy.
  confidence  text NOT NULL CHECK (confidence IN ('HIGH', 'MEDIUM', 'LOW')),
  PRIMARY KEY (agency_code, code),
  CHECK (valid_from <= valid_until)
);
CREATE INDEX agency_codes_code ON agency_codes (code);

CREATE TABLE agency_successions (
  predecessor_code text NOT NULL REFERENCES agencies (code),
  successor_code   text NOT NULL REFERENCES agencies (code),
  -- First day of the successor's charge.
  since            date NOT NULL,
  PRIMARY KEY (predecessor_code, successor_code),
  CHECK (predecessor_code <> successor_code)
);

-- A restricted caller named what is not its own. A row counts the same attempt of one day, so that guessing cannot fill the table.
CREATE TABLE access_attempts (
  day            date NOT NULL,
  client         text NOT NULL,
  operation      text NOT NULL,
  target_kind    text NOT NULL CHECK (target_kind IN ('agency', 'dossier', 'delivery')),
  -- A code or id of ours; never free text.
  target         text NOT NULL,
  role           text NOT NULL,
  agency_scope   text,
  -- Whether there is such a thing; the caller was not told.
  existed        boolean NOT NULL,
  attempts       integer NOT NULL DEFAULT 1,
  correlation_id text NOT NULL,
  first_at       timestamptz NOT NULL DEFAULT now(),
  last_at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (day, client, operation, target_kind, target)
);

CREATE FUNCTION touch_agency_tree() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE agency_tree SET version = version + 1;
  RETURN NULL;
END $$;
CREATE TRIGGER agencies_touch BEFORE INSERT OR UPDATE OR DELETE ON agencies EXECUTE FUNCTION touch_agency_tree();
CREATE TRIGGER agency_codes_touch BEFORE INSERT OR UPDATE OR DELETE ON agency_codes EXECUTE FUNCTION touch_agency_tree();
CREATE TRIGGER agency_successions_touch BEFORE INSERT OR UPDATE OR DELETE ON agency_successions EXECUTE FUNCTION touch_agency_tree();

-- The last guard; the program refuses these with a better text. OG010: a cycle; OG011: one code of two agencies at one time.
CREATE FUNCTION check_agency_tree() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (WITH RECURSIVE reached AS (
        SELECT code FROM agencies WHERE parent_code IS NULL
        UNION ALL SELECT a.code FROM agencies a JOIN reached r ON a.parent_code = r.code)
      SELECT count(*) FROM reached) <> (SELECT count(*) FROM agencies) THEN
    RAISE EXCEPTION 'an agency is its own ancestor' USING ERRCODE = 'OG010';
  END IF;
  IF EXISTS (
      SELECT 1 FROM agency_codes c JOIN agency_codes o ON o.code = c.code AND o.agency_code > c.agency_code
        JOIN agencies ca ON ca.code = c.agency_code JOIN agencies oa ON oa.code = o.agency_code
      WHERE daterange(c.valid_from, c.valid_until, '[]') * daterange(ca.active_from, ca.active_until, '[]')
         && daterange(o.valid_from, o.valid_until, '[]') * daterange(oa.active_from, oa.active_until, '[]')) THEN
    RAISE EXCEPTION 'two agencies have one code at the same time' USING ERRCODE = 'OG011';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER agencies_check AFTER INSERT OR UPDATE ON agencies EXECUTE FUNCTION check_agency_tree();
CREATE TRIGGER agency_codes_check AFTER INSERT OR UPDATE ON agency_codes EXECUTE FUNCTION check_agency_tree();

-- Lists of one agency among a million dossiers.
CREATE INDEX dossiers_agency ON dossiers (agency_code, updated_at, code);

-- Whether a caller who is held to its own dossiers, or to those of some agencies, may know of this one. NULL lifts a limit.
CREATE FUNCTION in_read_scope(p_dossier text, p_client text, p_agencies text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM dossiers d WHERE d.code = p_dossier AND (p_client IS NULL OR d.client = p_client)
                   AND (p_agencies IS NULL OR d.agency_code = ANY (p_agencies)))
      OR EXISTS (SELECT 1 FROM status_reports s WHERE s.dossier_code = p_dossier AND (p_client IS NULL OR s.client = p_client)
                   AND (p_agencies IS NULL OR split_part(s.dossier_code, '-', 1) = ANY (p_agencies)))
$$;

-- As in 0002, with the agency, by which a caller's scope is judged.
CREATE OR REPLACE FUNCTION dossier_states(p_codes text[]) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('code', d.code, 'client', d.client, 'agencyCode', d.agency_code, 'revision', d.revision,
      'version', d.version, 'status', d.status, 'digest', encode(d.content_digest, 'hex'), 'flags', to_jsonb(d.quality_flags),
      'lastStepStatus', d.last_step_status, 'lastStepAt', d.last_step_at,
      'refused', r.rejected_delivery_id IS NOT NULL)), '[]')
    FROM dossiers d LEFT JOIN dossier_registrations r ON r.dossier_code = d.code WHERE d.code = ANY (p_codes)
$$;
