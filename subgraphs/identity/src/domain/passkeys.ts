import type { ConnectionSource } from '@lyceum/graphql';
import { conflict, invalid, newId, notFound, type Viewer } from '@lyceum/service';
import type { Passkey } from '../store/passkeys.ts';
import type { Database, Store } from '../store/store.ts';
import { actorOf, recordAct, type AuditEntry } from './audit.ts';
import { tellOfChange } from './account-notices.ts';
import { checkedName } from './checked-text.ts';
import type { Guesses } from './guesses.ts';
import { requirePassword } from './require-password.ts';
import { keyOf } from './membership-key.ts';
import type { FactorChange, SecondFactors } from './second-factors.ts';
import type { StepUp } from './step-up.ts';
import { clientDataOf } from './webauthn-responses.ts';
import {
  ceremonyMs,
  newUserHandle,
  newWebAuthnChallenge,
  type PasskeyCreationOptions,
  type WebAuthn,
} from './webauthn.ts';

/** As many as anybody has; an answer to a login challenge lists them all. */
const most = 20;

export type Passkeys = ReturnType<typeof createPasskeys>;

/** The passkeys of the viewer in the organisation: each opens it alone, and is a second factor beside the password. */
export function createPasskeys(options: {
  store: Database;
  webauthn: WebAuthn;
  factors: SecondFactors;
  guesses: Guesses;
  stepUp: StepUp;
}) {
  const { store, webauthn, factors, stepUp } = options;

  /** What is to be shown of the person by an authenticator, which keeps the passkeys of several organisations. */
  async function personOf(viewer: Viewer, known: readonly Passkey[]) {
    const { organisationId, userId } = viewer;
    const [member] = await store.memberships.selectMany(organisationId, [userId]);
    const [organisation] = await store.organisations.selectMany([organisationId]);
    return {
      // One handle a membership: an authenticator keeps one passkey for each.
      userHandle: known[0]?.userHandle ?? newUserHandle(),
      name: `${member?.email ?? ''} (${organisation?.name ?? ''})`,
      displayName: member?.name ?? '',
    };
  }

  return {
    listed: (viewer: Viewer): ConnectionSource<Passkey> => ({
      rows: (page) => store.passkeys.selectPage(keyOf(viewer), page),
      key: ({ id }) => [id],
      count: () => store.passkeys.count(keyOf(viewer)),
    }),

    /** @throws TOO_MANY_ATTEMPTS, CREDENTIALS_REFUSED, SECOND_FACTOR_NEEDED, CONFLICT */
    async begin(
      viewer: Viewer,
      { currentPassword, ...proof }: FactorChange,
    ): Promise<PasskeyCreationOptions> {
      await requirePassword(options, viewer, currentPassword, 'passkey.create');
      await stepUp.require(viewer, proof, 'passkey.create');
      const known = await store.passkeys.selectMany(keyOf(viewer));
      if (known.length >= most) throw conflict(`At most ${most} passkeys: remove one first.`);
      const person = await personOf(viewer, known);
      const challenge = newWebAuthnChallenge();
      await store.passkeyChallenges.insert({
        challenge,
        ...keyOf(viewer),
        userHandle: person.userHandle,
        expiresAt: new Date(Date.now() + ceremonyMs),
      });
      return webauthn.creationOptions(challenge, person, known);
    },

    /**
     * Keeps what an authenticator made. With the first second factor come recovery codes, this once.
     *
     * @throws INVALID, CONFLICT
     */
    async finish(
      viewer: Viewer,
      input: { name: string; response: unknown },
    ): Promise<{ passkey: Passkey; recoveryCodes: string[] | null }> {
      const name = checkedName(['input', 'name'], input.name);
      const registered = await registeredBy(viewer, input.response);
      return store.transaction(async (tx) => {
        await tx.memberships.lock(viewer.organisationId, viewer.userId);
        const row = { id: newId('passkey'), ...keyOf(viewer), ...registered, name };
        const passkey = await tx.passkeys.insertOptional(row);
        if (!passkey) throw conflict('This passkey is registered already.');
        await factors.raiseSession(tx, viewer, passkey.synced ? 'swk' : 'hwk');
        const have = (await tx.recoveryCodes.count(keyOf(viewer))) > 0;
        const recoveryCodes = have ? null : await factors.renewRecoveryCodes(tx, keyOf(viewer));
        const { id, synced } = passkey;
        await recordPasskey(tx, 'create', viewer, id, { name: [null, name], synced: [null, synced] });
        return { passkey, recoveryCodes };
      });
    },

    /** @throws INVALID, NOT_FOUND */
    async rename(viewer: Viewer, id: string, newName: string): Promise<Passkey> {
      const name = checkedName(['input', 'name'], newName);
      return store.transaction(async (tx) => {
        const before = await tx.passkeys.selectOptional(keyOf(viewer), id);
        const passkey = await tx.passkeys.updateName(keyOf(viewer), id, name);
        if (!passkey) throw notFound('passkey', id, ['input', 'id']);
        await recordPasskey(tx, 'update', viewer, id, { name: [before?.name, name] });
        return passkey;
      });
    },

    /** @throws TOO_MANY_ATTEMPTS, CREDENTIALS_REFUSED, SECOND_FACTOR_NEEDED, NOT_FOUND */
    async remove(
      viewer: Viewer,
      { id, currentPassword, ...proof }: FactorChange & { id: string },
    ): Promise<string> {
      await requirePassword(options, viewer, currentPassword, 'passkey.delete');
      await stepUp.require(viewer, proof, 'passkey.delete');
      await store.transaction(async (tx) => {
        await tx.memberships.lock(viewer.organisationId, viewer.userId);
        if ((await tx.passkeys.delete(keyOf(viewer), id)) === 0)
          throw notFound('passkey', id, ['input', 'id']);
        await factors.endRecoveryCodesOfNone(tx, keyOf(viewer));
        await recordPasskey(tx, 'delete', viewer, id);
      });
      return id;
    },
  };

  /** Uses up the challenge, whatever comes of it. @throws INVALID */
  async function registeredBy(viewer: Viewer, given: unknown) {
    const response = webauthn.parseRegistration(given);
    const challenge = response && clientDataOf(response)?.challenge;
    const begun = challenge && (await store.passkeyChallenges.deleteReturning(challenge));
    const own = begun && begun.userId === viewer.userId && begun.organisationId === viewer.organisationId;
    const made = own && (await webauthn.verifyRegistration(response, begun.challenge));
    if (!made || begun.userHandle === null)
      throw invalid(['input', 'response'], 'This passkey can’t be registered: begin again.');
    const { credential, credentialDeviceType } = made;
    return {
      userHandle: begun.userHandle,
      credentialId: credential.id,
      publicKey: credential.publicKey,
      counter: BigInt(credential.counter),
      transports: credential.transports ?? [],
      synced: credentialDeviceType === 'multiDevice',
    };
  }
}

/** The person is told of it; of another name for one they need not be. */
async function recordPasskey(
  tx: Store,
  verb: 'create' | 'update' | 'delete',
  viewer: Viewer,
  subjectId: string,
  changes: AuditEntry['changes'] = {},
): Promise<void> {
  const { organisationId } = viewer;
  if (verb !== 'update') await tellOfChange(tx, viewer, `passkey.${verb}`);
  await recordAct(tx, { act: `passkey.${verb}`, by: actorOf(viewer), organisationId, subjectId, changes });
}
