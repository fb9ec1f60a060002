import { join } from 'node:path';
import { mailFolder } from '@lyceum/mail/mail-folder';

/** What lies where in the data directory. */
export interface DataPaths {
  readonly root: string;
  /** Which version of Lyceum's data this is. */
  readonly version: string;
  /** What runs, while it runs. */
  readonly state: string;
  /** Written when the demo data is complete. */
  readonly demo: string;
  readonly logs: string;
  /** Mails, where no server sends them. */
  readonly mail: string;
  readonly postgres: string;
  readonly clickhouse: string;
}

export function dataPaths(root: string): DataPaths {
  return {
    root,
    version: join(root, 'version.json'),
    state: join(root, 'run.json'),
    demo: join(root, 'demo.json'),
    logs: join(root, 'logs'),
    mail: mailFolder(root),
    postgres: join(root, 'postgres'),
    clickhouse: join(root, 'clickhouse'),
  };
}
