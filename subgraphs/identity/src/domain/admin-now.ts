import { forbidden, type Viewer } from '@lyceum/service';
import type { Store } from '../store/store.ts';
import { rightsNow } from './machine-rights.ts';

/**
 * An access token says what its bearer was when it was given. Who was an administrator then, and was taken out of the
 * organisation or down a step since, may not make another of themselves with it.
 *
 * @throws FORBIDDEN
 */
export async function requireAdminNow(store: Store, viewer: Viewer): Promise<void> {
  if (!(await rightsNow(store, viewer)).includes('ADMIN')) throw forbidden('the role ADMIN');
}
