-- Instants of `stored` have microseconds, and one that is cut to the millisecond hides what it is to show.
ALTER TABLE "receiver" ALTER COLUMN "low" TYPE TIMESTAMPTZ(6);

-- How far the clock of each receiver was: another, or the same after a start, goes on from there where its own is behind.
ALTER TABLE "receiver" ADD COLUMN "high" TIMESTAMPTZ(6);
