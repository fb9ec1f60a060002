import type { Credential } from './credentials.ts';

/**
 * What ingest has to know of who brought statements, as headers of their record: whether it may void what others brought
 * (Data 2.3.2), and whether what it says of activities and agents counts (Communication 4.2, scope define).
 */
export function grantsOf({ scopes }: Pick<Credential, 'scopes'>): Readonly<Record<string, string>> {
  if (scopes.has('all')) return all;
  return scopes.has('define') ? define : none;
}

const none = {};
const define = { defines: '1' };
const all = { ...define, voids: 'any' };
