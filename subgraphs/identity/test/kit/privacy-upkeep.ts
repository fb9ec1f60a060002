import { createAccountLinks } from '../../src/domain/account-links.ts';
import { createToldAnswers } from '../../src/domain/privacy/told-answers.ts';
import { createPrivacyUpkeep } from '../../src/domain/privacy/upkeep.ts';
import { identityEvents as events } from '../../src/events/identity-events.ts';
import { withStore, type RunningIdentity } from './identity.ts';

type Upkeep = ReturnType<typeof createPrivacyUpkeep>;

/** Does at once what identity does of itself every hour. */
function upkeep(identity: RunningIdentity, work: (upkeep: Upkeep) => Promise<void>): Promise<void> {
  return withStore(identity.databaseUrl, async (store) => {
    const links = createAccountLinks({ pagesUrl: identity.url });
    const answers = createToldAnswers({ store, events, links });
    await work(createPrivacyUpkeep({ store, events, answers, homePage: identity.url }));
  });
}

export const expireArchives = (identity: RunningIdentity) => upkeep(identity, ({ expire }) => expire());

export const forgetMails = (identity: RunningIdentity) => upkeep(identity, ({ forgetMails: run }) => run());

export const askAgain = (identity: RunningIdentity) => upkeep(identity, ({ askAgain: run }) => run());
