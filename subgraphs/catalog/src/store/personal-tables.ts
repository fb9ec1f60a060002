import { messageTables, type TableDecisions } from '@lyceum/events/personal-data';

const authored = { nothing: 'What authors made for all; it names nobody.' };

/** What the catalog does with each of its tables when a person asks for what it holds of them, or is erased: nothing. */
export const personalTablesOfCatalog: TableDecisions = {
  course: authored,
  module: authored,
  content_item: authored,
  ...messageTables,
};
