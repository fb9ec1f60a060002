import { payload, requirePerson, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';
import { preferenceOf } from '../preferences.ts';

export const settingsMutations = {
  preferencesUpdate: (_parent, { input }, context) =>
    payload(async () => ({ preferences: await context.preferences.update(requirePerson(context), input) })),

  organisationPreferencesUpdate: (_parent, { input: { defaults, lock, unlock } }, context) =>
    payload(async () => ({
      preferences: await context.preferences.updateDefaults(requireViewer(context), {
        defaults,
        lock: lock?.map(preferenceOf),
        unlock: unlock?.map(preferenceOf),
      }),
    })),

  organisationSettingsUpdate: (_parent, { input }, context) =>
    payload(async () => ({
      settings: await context.organisationSettings.update(requireViewer(context), input),
    })),
} satisfies MutationResolvers;
