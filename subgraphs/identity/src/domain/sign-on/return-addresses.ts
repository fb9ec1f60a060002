import { invalid, type Viewer } from '@lyceum/service';
import type { Organisation } from '../../store/organisations.ts';
import type { Database } from '../../store/store.ts';
import { actorOf, recordAct } from '../audit.ts';
import { requireNow } from '../require-now.ts';
import { outwardFault, type OutwardRules } from './outward-fetch.ts';

export type ReturnAddresses = ReturnType<typeof createReturnAddresses>;

const most = 20;

/** Where browsers may come back to after a provider: frontends, which get the one-time code. */
export function createReturnAddresses({ store, rules }: { store: Database; rules: OutwardRules }) {
  return {
    /** @throws INVALID, FORBIDDEN */
    async update(viewer: Viewer, returns: readonly string[]): Promise<Organisation> {
      const kept = [...new Set(returns.map((address) => checkedReturn(address, rules)))];
      if (kept.length > most) throw invalid(['input', 'returns'], `At most ${most} addresses.`);
      const { organisationId } = viewer;
      return store.transaction(async (tx) => {
        await requireNow(tx, viewer, 'identity-provider.update');
        const [before] = await tx.organisations.selectMany([organisationId]);
        const organisation = await tx.organisations.updateSignOnReturns(organisationId, kept);
        await recordAct(tx, {
          act: 'sign-on-returns.update',
          by: actorOf(viewer),
          organisationId,
          subjectId: organisationId,
          changes: { signOnReturns: [before?.signOnReturns, kept] },
        });
        return organisation;
      });
    },
  };
}

/** Compared as it is (RFC 9700, 2.1), so that it is kept as it is. @throws INVALID */
function checkedReturn(address: string, rules: OutwardRules): string {
  const fault = outwardFault(address, rules) ?? (address.includes('#') ? 'must have no fragment' : undefined);
  if (fault !== undefined || address.length > 2_000)
    throw invalid(
      ['input', 'returns'],
      `${JSON.stringify(address)} ${fault ?? 'is longer than 2,000 characters'}.`,
    );
  return address;
}
