import type { PersonalDataReport, PersonalDataRequest } from './request.ts';
import type { Sql } from '../sql.ts';

/** How far a service is with its answer to a job. */
export interface Work {
  readonly state: 'RUNNING' | 'DONE' | 'FAILED';
  /** The request that was heard last. */
  readonly eventId: string;
  /** The table that is being exported; '' before the first. */
  readonly tableName: string;
  /** The key of its last row that was told. */
  readonly after: string;
  /** Of the next piece. */
  readonly place: number;
  readonly report: readonly PersonalDataReport[];
}

const columns = 'state, event_id AS "eventId", table_name AS "tableName", after_key AS after, place, report';

/** The work on a job, begun where it was not, and held until the transaction ends. */
export async function lockWork(sql: Sql, request: PersonalDataRequest): Promise<Work> {
  const { jobId, eventId, organisationId, userId, kind } = request;
  await sql.execute(
    `INSERT INTO personal_data_work (job_id, event_id, organisation_id, user_id, kind)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
    [jobId, eventId, organisationId, userId, kind],
  );
  const [work] = await sql.query<Work>(
    `SELECT ${columns} FROM personal_data_work WHERE job_id = $1 FOR UPDATE`,
    [jobId],
  );
  if (!work) throw new Error(`The work on ${jobId} is gone.`);
  return work;
}

export async function updateWork(sql: Sql, jobId: string, work: Work): Promise<void> {
  const { state, eventId, tableName, after, place, report } = work;
  await sql.execute(
    `UPDATE personal_data_work
     SET state = $2, event_id = $3, table_name = $4, after_key = $5, place = $6::int, report = $7::jsonb,
       attempts = CASE WHEN event_id = $3 THEN attempts ELSE 0 END, updated_at = now()
     WHERE job_id = $1`,
    [jobId, state, eventId, tableName, after, place, JSON.stringify(report)],
  );
}

/** Counts a try that failed. Answers how many there were since the job was asked for, or asked for anew. */
export async function countFailure(sql: Sql, request: PersonalDataRequest): Promise<number> {
  await lockWork(sql, request);
  const [counted] = await sql.query<{ attempts: number }>(
    `UPDATE personal_data_work
     SET attempts = CASE WHEN event_id = $2 THEN attempts + 1 ELSE 1 END, event_id = $2, state = 'RUNNING'
     WHERE job_id = $1 RETURNING attempts`,
    [request.jobId, request.eventId],
  );
  return counted?.attempts ?? 0;
}

/** Whom a service was asked about long ago need not be known. */
export async function trimWork(sql: Sql): Promise<void> {
  await sql.execute(`DELETE FROM personal_data_work WHERE updated_at < now() - interval '90 days'`, []);
}
