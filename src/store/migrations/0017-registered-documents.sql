-- Registered documents as a property of the client, and documents that are withdrawn.

-- The client may send registered documents only.
ALTER TABLE api_clients ADD COLUMN registered_documents_only boolean NOT NULL DEFAULT false;

-- Kept when it is withdrawn, so that one can still say what a client of that time asked.
ALTER TABLE trusted_documents ADD COLUMN withdrawn_at timestamptz;

-- What is added is found at once by its id; what ends must be told to processes that keep a copy.
CREATE TRIGGER trusted_documents_changed AFTER UPDATE OR DELETE ON trusted_documents FOR EACH STATEMENT EXECUTE FUNCTION move_access_version();
