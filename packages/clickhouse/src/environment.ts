import { z } from 'zod';

/** For what reads from or writes to ClickHouse: its HTTP interface, with the database as the path (address.ts). */
export const clickHouseEnvironment = {
  CLICKHOUSE_URL: z
    .string()
    .refine(
      (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
      'must be a URL that begins with http:// or https://',
    )
    .default('http://localhost:4123'),
  /** As it is, where the URL does not hold it. */
  CLICKHOUSE_PASSWORD: z.string().optional(),
};
