-- What ingest writes at a time is one part. Up to this size a part has its columns in one file, and its small indexes in
-- another: a file for each of them costs more than all else that an insert does (docs/decisions/0036). Settings are of
-- parts that will be written: those that are there stay as they are.
ALTER TABLE statements MODIFY SETTING
    min_bytes_for_wide_part = 268435456,
    packed_skip_index_max_bytes = 1048576;
