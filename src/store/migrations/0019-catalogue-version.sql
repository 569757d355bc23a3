-- Which state of the national catalogue is committed. What moves it on is in the transaction of the change, so whoever reads the same
-- value twice may answer from memory. A random value, not a number: after a restore a number would come back with other content.
CREATE TABLE catalogue_version (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version  uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO catalogue_version DEFAULT VALUES;

CREATE FUNCTION move_catalogue_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE catalogue_version SET version = gen_random_uuid();
  RETURN NULL;
END $$;

-- Every column counts but what no reader sees, such as absences.
CREATE TRIGGER national_procedures_changed
  AFTER INSERT OR DELETE OR UPDATE OF code, name, is_public, version, content, field_codes, agency_codes, levels, search, first_seen_at, changed_at, read_at, withdrawn_at
  ON national_procedures FOR EACH STATEMENT EXECUTE FUNCTION move_catalogue_version();
CREATE TRIGGER national_procedures_emptied AFTER TRUNCATE ON national_procedures FOR EACH STATEMENT EXECUTE FUNCTION move_catalogue_version();
