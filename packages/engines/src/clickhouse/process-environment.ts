/**
 * Variables that the ClickHouse process should be started with. They are read before any JavaScript runs:
 * - UV_THREADPOOL_SIZE: statements run on libuv's threads, of which Node has four unless told otherwise; with twelve,
 *   eight read and two write at the same time.
 */
export const clickHouseProcessEnvironment: Readonly<Record<string, string>> = {
  UV_THREADPOOL_SIZE: '12',
};
