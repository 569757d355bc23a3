-- Places as carriers know them, where agencies' post is collected, and quotes that still hold.

-- Which state of the places is committed. Random, as in 0019: after a restore a number would come back with other content.
CREATE TABLE postal_places_version (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version  uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO postal_places_version DEFAULT VALUES;

-- A carrier's list: its row lock serialises those who change its places, and it says when the carrier is asked again.
CREATE TABLE postal_place_lists (
  carrier       text PRIMARY KEY,
  synced_at     timestamptz,
  due_at        timestamptz NOT NULL DEFAULT now(),
  claimed_until timestamptz,
  -- Stable code of the last failure; null since the last good sync.
  failure       text
);

-- A place is known by its names, for names are what people write; the carrier's code of it may change.
CREATE TABLE postal_places (
  id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  carrier             text NOT NULL REFERENCES postal_place_lists (carrier),
  epoch               text NOT NULL CHECK (epoch IN ('THREE_LEVEL', 'TWO_LEVEL')),
  level               text NOT NULL CHECK (level IN ('PROVINCE', 'DISTRICT', 'COMMUNE')),
  -- Folded names from the province down, joined by slashes.
  path                text NOT NULL,
  parent_path         text,
  name                text NOT NULL,
  -- The carrier's own code of this place, as text: leading zeros live. Null where it has none for this level.
  code                text,
  -- Two levels only: the old codes by which the carrier still routes to this commune.
  route_province_code text,
  route_district_code text,
  source              text NOT NULL CHECK (source IN ('CARRIER', 'FILE')),
  created_at          timestamptz NOT NULL DEFAULT now(),
  changed_at          timestamptz NOT NULL DEFAULT now(),
  -- The carrier listed it no more. Nothing is deleted: an old parcel's codes stay explainable.
  gone_at             timestamptz,
  UNIQUE (carrier, epoch, path),
  CHECK ((level = 'PROVINCE') = (parent_path IS NULL)),
  CHECK (epoch = 'THREE_LEVEL' OR level <> 'DISTRICT'),
  CHECK ((route_province_code IS NULL AND route_district_code IS NULL) OR (epoch = 'TWO_LEVEL' AND level = 'COMMUNE'))
);

CREATE FUNCTION move_postal_places_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE postal_places_version SET version = gen_random_uuid();
  RETURN NULL;
END $$;
CREATE TRIGGER postal_places_changed AFTER INSERT OR DELETE OR UPDATE ON postal_places FOR EACH STATEMENT EXECUTE FUNCTION move_postal_places_version();
CREATE TRIGGER postal_places_emptied AFTER TRUNCATE ON postal_places FOR EACH STATEMENT EXECUTE FUNCTION move_postal_places_version();

-- An agency's postal office, as each change left it; the last row counts. A row without a contact: it has none any more. It is a public
-- body's address, so it is not sealed.
CREATE TABLE postal_offices (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  agency_code text NOT NULL,
  contact     jsonb,
  actor       text NOT NULL,
  role        text NOT NULL,
  reason      text NOT NULL,
  at          timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX postal_offices_agency ON postal_offices (agency_code, id DESC);
CREATE TRIGGER postal_offices_only_added BEFORE UPDATE OR DELETE ON postal_offices FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
INSERT INTO append_only_tables VALUES ('postal_offices');

-- Prices that carriers gave lately. Codes of places only: nothing of a person.
CREATE TABLE postal_quotes (
  carrier    text NOT NULL,
  -- SHA-256 of everything that the price depends on.
  route      bytea NOT NULL,
  quotes     jsonb NOT NULL,
  quoted_at  timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (carrier, route)
);
CREATE INDEX postal_quotes_expiry ON postal_quotes (expires_at);
