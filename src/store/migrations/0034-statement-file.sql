-- A file counts for one gateway and day at a time. Once another has replaced it (it was brought for a wrong day, say), it may come again.
-- Processes of the release before this one keep no statement once this stands; their runs are made again, hourly, by those of this release.
DROP INDEX statements_file;
CREATE UNIQUE INDEX statements_file ON statements (sha256) WHERE sha256 IS NOT NULL AND replaced_by IS NULL;
