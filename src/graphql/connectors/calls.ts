import { searchedPages, type FieldCall } from '../calls.ts';

/** No call reads one connector: its agent's list is searched. */
export const connectorSearch: readonly FieldCall[] = [
  { call: 'listConnectors', per: 'page100', atMost: searchedPages },
];
