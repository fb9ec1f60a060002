/** The database of the learning records where the URL names none. */
const defaultDatabase = 'lyceum';

export interface ClickHouseAddress {
  /** CLICKHOUSE_URL without its path. */
  readonly server: string;
  /** What the path names. */
  readonly database: string;
}

/** `http://clickhouse:8123/school` is the database `school` of `http://clickhouse:8123/`; without a path, `lyceum`. */
export function clickHouseAddress(url: string): ClickHouseAddress {
  const address = new URL(url);
  const database = decodeURIComponent(address.pathname.replaceAll('/', '')) || defaultDatabase;
  address.pathname = '/';
  return { server: address.toString(), database };
}
