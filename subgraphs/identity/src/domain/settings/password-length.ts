import { invalid } from '@lyceum/service';
import type { Store } from '../../store/store.ts';
import { settingsNow } from './organisation-settings.ts';

/** A password for an organisation is as long as it wants. @throws INVALID */
export async function requirePasswordLength(
  store: Pick<Store, 'organisationSettings'>,
  organisationId: string,
  field: readonly string[],
  password: string,
): Promise<void> {
  const { minimumPasswordLength: least } = await settingsNow(store, organisationId);
  if (password.length >= least) return;
  throw invalid(field, `The password must have at least ${least} characters here.`);
}
