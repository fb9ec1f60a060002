import { clickHouseEnvironment } from '@lyceum/clickhouse';
import {
  commonEnvironment,
  databaseEnvironment,
  eventLogEnvironment,
  parseEnvironment,
  port,
  tokenEnvironment,
} from '@lyceum/service';
import { z } from 'zod';
import { s3Environment } from '../attachments/s3-environment.ts';

const mebibyte = 2 ** 20;

const bytes = (fallback: number) => z.coerce.number().int().min(0).default(fallback);

const shape = {
  ...commonEnvironment,
  ...databaseEnvironment,
  ...eventLogEnvironment,
  ...tokenEnvironment,
  ...clickHouseEnvironment,
  ...s3Environment,
  PORT: port(4100),
  /** Processes that receive on this machine, together on PORT. */
  XAPI_RECEIVERS: z.coerce.number().int().min(1).max(64).default(1),
  /** Bytes of one request's body. The log takes records of 8 MiB, and a body grows on its way there. */
  XAPI_BODY_LIMIT: z.coerce
    .number()
    .int()
    .min(1024)
    .max(4 * mebibyte)
    .default(3 * mebibyte),
  /** Bytes of one document of a state or profile. */
  XAPI_DOCUMENT_LIMIT: z.coerce
    .number()
    .int()
    .min(1024)
    .max(16 * mebibyte)
    .default(mebibyte),
  /** Bytes of one attachment. */
  XAPI_ATTACHMENT_LIMIT: bytes(100 * mebibyte),
  /** Bytes of one request's statements and attachments together. */
  XAPI_MULTIPART_LIMIT: bytes(256 * mebibyte),
  /** Bytes of all attachments of one organisation. */
  XAPI_ATTACHMENT_STORAGE: bytes(10 * 1024 * mebibyte),
  /** Bytes of the file of one import, as it is sent. */
  STORE_IMPORT_LIMIT: bytes(100 * 1024 * mebibyte),
  /** Bytes of all bodies that are being received or appended; more are asked to come again later. */
  XAPI_IN_FLIGHT_LIMIT: z.coerce
    .number()
    .int()
    .min(mebibyte)
    .default(64 * mebibyte),
  /** Which of several receivers of this machine this is; src/receivers sets it. */
  LYCEUM_RECEIVER: z.coerce.number().int().min(1).optional(),
  /** Seconds that a client may take to send one request. */
  XAPI_REQUEST_SECONDS: z.coerce.number().min(0.1).max(600).default(30),
  /** Seconds that reading statements may take: beyond it who asks is told that ClickHouse does not answer. */
  XAPI_READ_SECONDS: z.coerce.number().min(0.1).max(600).default(20),
  /** Bytes a second: an upload with attachments may take longer, for as long as it comes that fast on average. */
  XAPI_UPLOAD_RATE: z.coerce
    .number()
    .int()
    .min(1)
    .default(16 * 1024),
};

export type Env = ReturnType<typeof readEnv>;

/** @throws EnvironmentError that names every faulty variable. */
export function readEnv(source: NodeJS.ProcessEnv = process.env) {
  return parseEnvironment(shape, source);
}
