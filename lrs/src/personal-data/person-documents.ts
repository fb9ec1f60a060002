import { isUtf8 } from 'node:buffer';
import type { PersonDocument } from '../store/person-documents.ts';
import type { Store } from '../store/store.ts';
import type { Person } from './person.ts';

/** A document of a person as a line of the archive, and its place among theirs. */
export interface DocumentLine {
  readonly place: string;
  readonly text: string;
}

/** Of what documents hold that are in memory at a time; more is one that is larger. */
const pageBytes = 2 * 2 ** 20;

/** The documents behind a place that are a person's: states and agent profiles. Empty: there are no more. */
export async function selectDocumentLines(
  { personDocuments }: Pick<Store, 'personDocuments'>,
  { organisationId, keys, until }: Person,
  after: string,
): Promise<DocumentLine[]> {
  const found = await personDocuments.select({ organisationId, keys, until }, { after, bytes: pageBytes });
  return found.map((document) => ({ place: document.place, text: lineOf(document) }));
}

/** As the resources of xAPI call what it has. */
function lineOf(document: PersonDocument): string {
  const { kind, id, activity, agent, registration, contentType, updatedAt, content } = document;
  return JSON.stringify({
    resource: kind === 'STATE' ? 'activities/state' : 'agents/profile',
    [kind === 'STATE' ? 'stateId' : 'profileId']: id,
    ...(activity !== null && { activityId: activity }),
    agent,
    ...(registration !== null && { registration }),
    contentType,
    updated: updatedAt.toISOString(),
    ...contentOf(content),
  });
}

function contentOf(base64: string): { content: string } | { contentBase64: string } {
  const bytes = Buffer.from(base64, 'base64');
  return isUtf8(bytes) ? { content: bytes.toString() } : { contentBase64: bytes.toString('base64') };
}
