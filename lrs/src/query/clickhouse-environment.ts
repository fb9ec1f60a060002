export { clickHouseEnvironment } from '@lyceum/clickhouse';
