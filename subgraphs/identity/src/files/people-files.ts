import { Readable } from 'node:stream';
import { viewerOf } from '@lyceum/graphql';
import {
  DomainError,
  unauthenticated,
  type HttpServer,
  type TokenVerifier,
  type Viewer,
} from '@lyceum/service';
import { GraphQLError } from 'graphql';
import { zipOf } from './personal-data-archive.ts';
import type { PeopleExport } from '../domain/export-people.ts';
import type { Archives } from '../domain/privacy/archive.ts';
import type { Imports } from '../domain/import/imports.ts';

interface PeopleFilesOptions {
  readonly server: HttpServer;
  readonly verifier: TokenVerifier;
  readonly imports: Imports;
  readonly peopleExport: PeopleExport;
  readonly archives: Archives;
}

interface ImportQuery {
  readonly dryRun?: string;
  readonly fileName?: string;
}

/**
 * Files of people over plain HTTP, in streams, with the access token that the graph takes: `POST /people/import` takes
 * one in and answers 202 with the id to ask `userImport` about, `GET /people/export.csv` gives one out, and
 * `GET /people/personal-data/<job>` the archive of what is held of one person.
 */
export function servePeopleFiles(options: PeopleFilesOptions): void {
  const { server, verifier, imports, peopleExport, archives } = options;
  void server.register(async (scope) => {
    // Whoever is refused while they still send is not read to the end: the connection closes with the answer.
    scope.setErrorHandler(async (error, request, reply) => {
      const { status, code, message } = failureOf(error);
      if (status >= 500) request.log.error({ err: error }, 'a file of people failed');
      await reply.header('connection', 'close').code(status).send({ error: { code, message } });
    });
    // The body is handed on as the stream that it is.
    scope.addContentTypeParser('text/csv', (_request, payload, done) => {
      done(null, payload);
    });

    scope.post<{ Querystring: ImportQuery }>('/people/import', async (request, reply) => {
      const viewer = await requireViewerOf(verifier, request.headers.authorization);
      const { dryRun = 'false', fileName = 'people.csv' } = request.query;
      if (dryRun !== 'true' && dryRun !== 'false')
        throw new DomainError('INVALID', 'dryRun is true or false.', { field: ['dryRun'] });
      if (!(request.body instanceof Readable))
        throw new DomainError('MEDIA_TYPE', 'Send the file as the body, with Content-Type: text/csv.');
      const { id } = await imports.upload(viewer, {
        fileName,
        dryRun: dryRun === 'true',
        content: request.body,
      });
      return reply.code(202).send({ id });
    });

    scope.get('/people/export.csv', async (request, reply) => {
      const file = await peopleExport.file(await requireViewerOf(verifier, request.headers.authorization));
      return reply
        .header('content-disposition', 'attachment; filename="people.csv"')
        .header('cache-control', 'no-store')
        .header('x-content-type-options', 'nosniff')
        .type('text/csv; charset=utf-8')
        .send(Readable.from(file));
    });

    scope.get<{ Params: { jobId: string } }>('/people/personal-data/:jobId', async (request, reply) => {
      const viewer = await requireViewerOf(verifier, request.headers.authorization);
      const archive = await archives.open(viewer, request.params.jobId);
      return reply
        .header('content-disposition', `attachment; filename="personal-data-${archive.jobId}.zip"`)
        .header('cache-control', 'no-store')
        .header('x-content-type-options', 'nosniff')
        .type('application/zip')
        .send(zipOf(archive));
    });
  });
}

/** @throws UNAUTHENTICATED */
async function requireViewerOf(verifier: TokenVerifier, authorization: string | undefined): Promise<Viewer> {
  const viewer = await viewerOf(verifier, authorization);
  if (!viewer) throw unauthenticated();
  return viewer;
}

const statuses: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  TOO_LARGE: 413,
  MEDIA_TYPE: 415,
  UNAVAILABLE: 503,
};

function failureOf(error: unknown): { status: number; code: string; message: string } {
  if (error instanceof DomainError)
    return { status: statuses[error.code] ?? 400, code: error.code, message: error.message };
  if (error instanceof GraphQLError) {
    const code = String(error.extensions['code']);
    return { status: statuses[code] ?? 400, code, message: error.message };
  }
  const { statusCode = 500, message } = error as { statusCode?: number; message: string };
  return statusCode < 500
    ? { status: statusCode, code: 'INVALID', message }
    : { status: 500, code: 'INTERNAL_SERVER_ERROR', message: 'Something went wrong on our side.' };
}
