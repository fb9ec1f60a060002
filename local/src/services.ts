/** A part of the system that runs alone as `node <bundle>`, and the port it is reached on. */
export interface ServiceEntry {
  /** Relative to the repository. */
  readonly bundle: string;
  /** The variable that sets its port here, where all services share one environment; in its own it is PORT. */
  readonly portVariable: PortVariable;
}

/** Every port of a system on one machine, with its default (docs/architecture.md, addresses). */
export const defaultPorts = {
  GATEWAY_PORT: 4000,
  LRS_PORT: 4100,
  IDENTITY_PORT: 4101,
  CATALOG_PORT: 4102,
  LEARNING_PORT: 4103,
  ASSESSMENT_PORT: 4104,
  RECORDS_PORT: 4105,
  LRS_INGEST_PORT: 4110,
  CLICKHOUSE_PORT: 4123,
  POSTGRES_PORT: 4132,
} as const;

export type PortVariable = keyof typeof defaultPorts;

export const services = {
  identity: { bundle: 'subgraphs/identity/dist/main.js', portVariable: 'IDENTITY_PORT' },
  catalog: { bundle: 'subgraphs/catalog/dist/main.js', portVariable: 'CATALOG_PORT' },
  learning: { bundle: 'subgraphs/learning/dist/main.js', portVariable: 'LEARNING_PORT' },
  assessment: { bundle: 'subgraphs/assessment/dist/main.js', portVariable: 'ASSESSMENT_PORT' },
  records: { bundle: 'subgraphs/records/dist/main.js', portVariable: 'RECORDS_PORT' },
  gateway: { bundle: 'gateway/dist/main.js', portVariable: 'GATEWAY_PORT' },
  'lrs-receive': { bundle: 'lrs/dist/receivers/main.js', portVariable: 'LRS_PORT' },
  'lrs-ingest': { bundle: 'lrs/dist/ingest/main.js', portVariable: 'LRS_INGEST_PORT' },
} as const satisfies Record<string, ServiceEntry>;

export type ServiceName = keyof typeof services;
