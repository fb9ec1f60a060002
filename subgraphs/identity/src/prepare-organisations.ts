import type { Logger } from '@lyceum/service';
import { bootstrapOrganisation } from './domain/bootstrap.ts';
import { ensureDemoOrganisation, refuseDemoAccounts } from './domain/demo.ts';
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
  if (!(await store.organisations.exists()))
    logger.warn(
      'there is no organisation, so nobody can log in: set the BOOTSTRAP_ variables, and start again',
    );
}
