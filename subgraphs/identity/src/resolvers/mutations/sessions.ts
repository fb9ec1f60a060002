import { payload, requireLogin, requirePerson } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const sessionMutations = {
  sessionCreate: (_parent, { input }, { logins }) => payload(() => logins.withPassword(input)),

  sessionChallengeAnswer: (_parent, { input: { challenge, ...proof } }, { challenges }) =>
    payload(() => challenges.answer(challenge, proof)),

  sessionChallengeEnrol: (_parent, { input }, { challenges }) =>
    payload(async () => ({ enrolment: await challenges.enrol(input.challenge) })),

  sessionRefresh: (_parent, { input }, { sessions }) =>
    payload(async () => ({ tokens: await sessions.refresh(input.refreshToken) })),

  sessionSwitch: (_parent, { input }, context) =>
    payload(() => context.sessionSwitches.to(requireLogin(context), input)),

  sessionRevoke: (_parent, { input }, context) =>
    payload(async () => ({
      sessionId: await context.sessions.revoke(requirePerson(context), input.sessionId),
    })),

  sessionsRevoke: (_parent, { input }, context) =>
    payload(async () => ({
      ended: await context.sessions.revokeAll(requirePerson(context), input.keepCurrent),
    })),
} satisfies MutationResolvers;
