import type { Logger } from '@lyceum/service';
import { bootstrapOrganisation } from './domain/bootstrap.ts';
import { ensureDemoOrganisation, refuseDemoAccounts } from './domain/demo.ts';
import { appointPlatformAdmin } from './domain/platform-admin.ts';
import { bootstrapOf, type Env } from './env.ts';
import { identityEvents as events } from './events/identity-events.ts';
import type { Database } from './store/store.ts';

/** So that somebody can log in. */
export async function prepareOrganisations(env: Env, store: Database, logger: Logger): Promise<void> {
  if (env.NODE_ENV === 'production') await refuseDemoAccounts(store);
  const bootstrap = bootstrapOf(env);
  if (bootstrap) {
    const made = await bootstrapOrganisation(store, events, bootstrap);
    if (made)
      logger.info({ slug: bootstrap.slug }, 'the first organisation was made, with its administrator');
    else logger.info('there is an organisation: the BOOTSTRAP_ variables are ignored and can be removed');
  }
  if (env.LYCEUM_DEMO) await ensureDemoOrganisation(store, events);
  if (env.PLATFORM_ADMIN_EMAIL !== undefined) await appoint(env.PLATFORM_ADMIN_EMAIL, store, logger);
  if (!(await store.organisations.exists()))
    logger.warn(
      'there is no organisation, so nobody can log in: set the BOOTSTRAP_ variables, and start again',
    );
}

async function appoint(email: string, store: Database, logger: Logger): Promise<void> {
  const outcome = await appointPlatformAdmin(store, events, email.trim().toLowerCase());
  if (outcome === 'APPOINTED')
    logger.info('the platform organisation has an administrator of all organisations');
  else if (outcome === 'HELD')
    logger.info('somebody administers all organisations: PLATFORM_ADMIN_EMAIL is ignored and can be removed');
  else
    logger.warn(
      'PLATFORM_ADMIN_EMAIL names nobody of the platform organisation who can log in: it is ignored',
    );
}
