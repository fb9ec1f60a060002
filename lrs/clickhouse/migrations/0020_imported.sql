-- When an import brought a statement that kept its `stored`, in microseconds since 1970; 0 for all others, which came when
-- they were stored. A page looks at what had come by its snapshot: `stored` alone says that of nothing that is imported.
ALTER TABLE statements ADD COLUMN IF NOT EXISTS imported UInt64 DEFAULT 0 CODEC(ZSTD(1)) AFTER log_offset;

ALTER TABLE statement_probe ADD COLUMN IF NOT EXISTS imported UInt64 DEFAULT 0 AFTER log_offset;
