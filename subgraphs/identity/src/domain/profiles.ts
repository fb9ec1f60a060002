import { invalid, notFound, requirePermission, viewerMay, type Viewer } from '@lyceum/service';
import type { Member, Profile } from '../store/memberships.ts';
import type { Database, Store } from '../store/store.ts';
import { actorOf, differences, recordAct } from './audit.ts';
import { checkedLocale, checkedName, checkedOptionalText, checkedText } from './checked-text.ts';
import { settledByOrganisation } from './errors.ts';
import { requireNow } from './require-now.ts';
import { settingsNow } from './settings/organisation-settings.ts';

/** What is absent stays as it is; null clears. */
export type ProfileChange = { readonly [Field in keyof Profile]?: Profile[Field] | null | undefined };

/** What a profile has. */
const profileFields = [
  'name',
  'givenName',
  'familyName',
  'pronouns',
  'avatarUrl',
  'locale',
  'timeZone',
  'bio',
] as const;

export type Profiles = ReturnType<typeof createProfiles>;

/** What an organisation shows of its people. Each organisation has a profile of its own of them. */
export function createProfiles({ store }: { store: Database }) {
  return {
    /** The viewer's, or for an administrator somebody else's. @throws INVALID, FORBIDDEN, NOT_FOUND, CONFLICT */
    async update(viewer: Viewer, wanted: string | null | undefined, input: ProfileChange): Promise<Member> {
      const { organisationId } = viewer;
      const userId = wanted ?? viewer.userId;
      const own = userId === viewer.userId;
      requirePermission(viewer, own ? 'user.update.own' : 'user.update');
      const change = checkedProfile(input);
      return store.transaction(async (tx) => {
        if (!own) await requireNow(tx, viewer, 'user.update');
        const [before] = await tx.memberships.selectMany(organisationId, [userId]);
        if (!before) throw notFound('user', userId, ['input', 'userId']);
        const after = await tx.memberships.updateProfile(organisationId, userId, change);
        const changes = differences<Profile>(before, after, profileFields);
        if (own) await refuseSettledNames(tx, viewer, changes);
        await recordAct(tx, {
          act: 'user.update',
          by: actorOf(viewer),
          organisationId,
          subjectId: userId,
          changes,
        });
        return after;
      });
    },
  };
}

const names: readonly string[] = ['name', 'givenName', 'familyName'];

/**
 * Some organisations name their people themselves. A form that sends a name as it was changes none.
 *
 * @throws CONFLICT
 */
async function refuseSettledNames(tx: Store, viewer: Viewer, changes: object): Promise<void> {
  const changed = Object.keys(changes).find((field) => names.includes(field));
  if (changed === undefined || viewerMay(viewer, 'user.update')) return;
  const { ownNameEditable } = await settingsNow(tx, viewer.organisationId);
  if (!ownNameEditable) throw settledByOrganisation(changed);
}

/** Each field only where it was given. @throws INVALID */
function checkedProfile(input: ProfileChange): Partial<Profile> {
  const line = (longest: number) => (field: string[], text: string | null) =>
    checkedOptionalText(field, text, longest);
  const checks: { [Field in keyof Profile]: (field: string[], text: string | null) => Profile[Field] } = {
    name: (field, name) => checkedName(field, name ?? ''),
    givenName: line(200),
    familyName: line(200),
    pronouns: line(50),
    avatarUrl: checkedAvatar,
    locale: checkedLocale,
    timeZone: checkedTimeZone,
    bio: (field, text) => checkedText(field, text, 2_000),
  };
  const fields = (Object.keys(checks) as (keyof Profile)[]).filter((name) => input[name] !== undefined);
  return Object.fromEntries(fields.map((name) => [name, checks[name](['input', name], input[name] ?? null)]));
}

/** Shown by browsers: nothing that runs, nor what a page over TLS does not load. @throws INVALID */
function checkedAvatar(field: string[], url: string | null): string | null {
  if (url === null) return null;
  if (url.length <= 2_000 && URL.canParse(url) && new URL(url).protocol === 'https:') return url;
  throw invalid(field, 'The avatar must be an https URL of at most 2,000 characters.');
}

/** By its name in the IANA database. @throws INVALID */
export function checkedTimeZone(field: string[], timeZone: string | null): string | null {
  if (timeZone === null) return null;
  try {
    // An offset is valid to Intl too, and no zone: it knows no summer.
    if (/^[A-Za-z]/.test(timeZone))
      return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
  } catch {
    // A RangeError: falls through to the one answer.
  }
  throw invalid(field, 'The time zone must be one of the IANA database, such as Europe/Zurich.');
}
