import type {
  IngestPartitionResolvers,
  RecordStoreHealthResolvers,
  RecordStoreVolumesResolvers,
} from '../generated/resolver-types.ts';

export const RecordStoreHealth: RecordStoreHealthResolvers = {
  ingest: ({ ingest }) => ingest.state,
  lag: ({ ingest }) => intOf(ingest.lagMs),
  queryableThrough: ({ ingest }) => ingest.through,
  deadLetters: ({ organisationId }, _args, { deadLetters }) => deadLetters.waiting(organisationId) ?? null,
};

export const RecordStoreVolumes: RecordStoreVolumesResolvers = {
  backlog: ({ partitions }) => partitions.reduce((sum, { backlog }) => sum + backlog, 0),

  deadLetters: (_volumes, _args, { deadLetters }) => deadLetters.waitingOfAll() ?? null,

  logBytes: ({ partitions }) =>
    partitions.some(({ bytes }) => bytes === null)
      ? null
      : partitions.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
};

export const IngestPartition: IngestPartitionResolvers = {
  ingest: ({ state }) => state,
  lag: ({ lagMs }) => intOf(lagMs),
  queryableThrough: ({ through }) => through,
};

/** 24 days of milliseconds are as many as an Int holds. */
const intOf = (ms: number | null) => (ms === null ? null : Math.min(Math.round(ms), 2 ** 31 - 1));
