import { randomBytes } from 'node:crypto';
import type { ConnectionSource } from '@lyceum/graphql';
import { isUniqueViolation } from '@lyceum/postgres';
import { conflict, invalid, newId, notFound, requirePermission, type Viewer } from '@lyceum/service';
import type { OrganisationDomain } from '../store/organisation-domains.ts';
import type { Database, Store } from '../store/store.ts';
import { actOn, recordAct } from './audit.ts';
import { checkedDomain } from './checked-text.ts';
import { domainUnverified } from './errors.ts';
import { requireNow } from './require-now.ts';
import type { TxtRecords } from './txt-records.ts';

export type OrganisationDomains = ReturnType<typeof createOrganisationDomains>;

const mostDomains = 100;

/** What a domain's TXT record says where it is that organisation's. */
export const recordValueOf = ({ token }: Pick<OrganisationDomain, 'token'>): string =>
  `lyceum-verification=${token}`;

/** Mail domains that organisations claim, and show to be theirs by a record of the DNS. */
export function createOrganisationDomains({
  store,
  txtRecords,
}: {
  store: Database;
  txtRecords: TxtRecords;
}) {
  /** @throws NOT_FOUND */
  async function known(tx: Store, organisationId: string, id: string): Promise<OrganisationDomain> {
    const claim = await tx.organisationDomains.selectOptional(organisationId, id);
    if (!claim) throw notFound('domain', id, ['input', 'domainId']);
    return claim;
  }

  async function verified(viewer: Viewer, id: string): Promise<OrganisationDomain> {
    const { organisationId } = viewer;
    return store.transaction(async (tx) => {
      await requireNow(tx, viewer, 'organisation.domain.update');
      const { domain, verifiedAt } = await known(tx, organisationId, id);
      const claim = await tx.organisationDomains.updateVerified(organisationId, id, verifiedAt ?? new Date());
      const changes = { domain: [domain, domain], verifiedAt: [verifiedAt, claim.verifiedAt] } as const;
      await recordAct(tx, actOn(viewer, 'organisation.domain.verify', id, changes));
      return claim;
    });
  }

  return {
    /** @throws FORBIDDEN */
    listed(viewer: Viewer): ConnectionSource<OrganisationDomain> {
      requirePermission(viewer, 'organisation.domain.read');
      const { organisationId } = viewer;
      return {
        rows: (page) => store.organisationDomains.selectPage(organisationId, page),
        key: ({ id }) => [id],
        count: () => store.organisationDomains.count(organisationId),
      };
    },

    /** Many may claim one domain; who has it, the DNS says. Claiming it again answers the same claim. @throws INVALID */
    async claim(viewer: Viewer, name: string): Promise<OrganisationDomain> {
      const domain = checkedDomain(['input', 'domain'], name);
      const { organisationId } = viewer;
      return store.transaction(async (tx) => {
        await requireNow(tx, viewer, 'organisation.domain.update');
        await tx.memberships.lockOrganisation(organisationId);
        const before = await tx.organisationDomains.selectOptionalByName(organisationId, domain);
        if (before) return before;
        if ((await tx.organisationDomains.count(organisationId)) >= mostDomains)
          throw invalid(['input', 'domain'], `At most ${mostDomains} domains.`);
        const token = randomBytes(24).toString('base64url');
        const claim = await tx.organisationDomains.insert({
          id: newId('domain'),
          organisationId,
          domain,
          token,
        });
        await recordAct(tx, actOn(viewer, 'organisation.domain.claim', claim.id, { domain: [null, domain] }));
        return claim;
      });
    },

    /**
     * Looks for the record, with no transaction open: the DNS takes its time.
     *
     * @throws NOT_FOUND, DOMAIN_UNVERIFIED; CONFLICT where another organisation has verified it
     */
    async verify(viewer: Viewer, id: string): Promise<OrganisationDomain> {
      await requireNow(store, viewer, 'organisation.domain.update');
      const claim = await known(store, viewer.organisationId, id);
      const wanted = recordValueOf(claim);
      const found = await txtRecords(claim.domain);
      if (!found.some((text) => text.trim() === wanted))
        throw domainUnverified(`No TXT record of ${claim.domain} says ${wanted}.`);
      return verified(viewer, id).catch((error: unknown) => {
        // Both have shown that it is theirs: who was first gives it up first.
        throw isUniqueViolation(error, 'domain')
          ? conflict('Another organisation has verified this domain.', ['input', 'domainId'])
          : error;
      });
    },

    /** @throws NOT_FOUND */
    async remove(viewer: Viewer, id: string): Promise<string> {
      const { organisationId } = viewer;
      return store.transaction(async (tx) => {
        await requireNow(tx, viewer, 'organisation.domain.update');
        const { domain } = await known(tx, organisationId, id);
        await tx.organisationDomains.delete(organisationId, id);
        await recordAct(tx, actOn(viewer, 'organisation.domain.remove', id, { domain: [domain, null] }));
        return id;
      });
    },
  };
}

/**
 * Nobody lets people in by a domain that another organisation has verified. @throws INVALID
 */
export async function requireDomainsFree(
  tx: Store,
  organisationId: string,
  domains: readonly string[],
): Promise<void> {
  const [taken] = await tx.organisationDomains.selectManyElsewhere(organisationId, domains);
  if (taken) throw invalid(['input', 'domains'], `${taken.domain} is verified by another organisation.`);
}

/** Has another organisation verified the domain of an address, since it was named here? */
export async function isOfAnother(tx: Store, organisationId: string, email: string): Promise<boolean> {
  const domain = email.slice(email.lastIndexOf('@') + 1);
  return (await tx.organisationDomains.selectManyElsewhere(organisationId, [domain])).length > 0;
}
