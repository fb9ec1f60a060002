import { invalid } from '@lyceum/service';
import { agentKey, validateStatements, type Account, type Identifier } from '@lyceum/xapi';
import type { Names } from './names.ts';

/** An agent or identified group, by one identifier. */
export interface AgentFilter {
  readonly userId?: string | null | undefined;
  readonly mbox?: string | null | undefined;
  readonly mboxSha1sum?: string | null | undefined;
  readonly openid?: string | null | undefined;
  readonly account?: Account | null | undefined;
}

/** The keys (agentKey) that the agent has in statements. @throws INVALID unless it is given by exactly one identifier */
export function agentKeysOf(names: Names, field: readonly string[], filter: AgentFilter): string[] {
  const { userId, mbox, mboxSha1sum, openid, account } = filter;
  const given = [userId, mbox, mboxSha1sum, openid, account].filter((each) => each != null);
  if (given.length !== 1)
    throw invalid(field, `Give one of userId, mbox, mboxSha1sum, openid, account; not ${given.length}.`);
  if (userId != null) return names.actorsOf(userId);
  const agent: Identifier = {
    ...(mbox != null && { mbox }),
    ...(mboxSha1sum != null && { mbox_sha1sum: mboxSha1sum }),
    ...(openid != null && { openid }),
    ...(account != null && { account: { homePage: account.homePage, name: account.name } }),
  };
  return [keyOfValid(field, agent)];
}

/** Held against the same rules as in a statement. */
function keyOfValid(field: readonly string[], actor: Identifier): string {
  const probe = { actor, verb: { id: 'urn:lyceum:any' }, object: { id: 'urn:lyceum:any' } };
  const [fault] = validateStatements(probe);
  if (fault) throw invalid(field, `${fault.path.replace(/^actor\.?/, '')} ${fault.reason}`.trim());
  return agentKey(actor) ?? '';
}
