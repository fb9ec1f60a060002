import type { CursorKey, Page } from '@lyceum/graphql';
import { invalid } from '@lyceum/service';

/**
 * A page of a list that is ordered by one of several fields, whose cursors are [field, value, id]: a cursor of another
 * order is no place in this one.
 *
 * @throws INVALID
 */
export function pageInOrder(field: string, page: Page): Page {
  return {
    ...page,
    after: checkedPlace('after', field, page.after),
    before: checkedPlace('before', field, page.before),
  };
}

/** @throws INVALID */
function checkedPlace(argument: string, field: string, place: CursorKey | undefined): CursorKey | undefined {
  if (place === undefined) return undefined;
  const [order, value, id] = place;
  const whole = place.length === 3 && typeof value === 'string' && typeof id === 'string';
  const isTime = whole && field === 'CREATED_AT' ? !Number.isNaN(Date.parse(value)) : true;
  if (whole && isTime && order === field) return place;
  throw invalid([argument], `${argument} is not a cursor that this list gave out in this order.`);
}
