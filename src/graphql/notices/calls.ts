import { searchedPages, type FieldCall } from '../calls.ts';

/** No call reads the row of one notice: its agent's list is searched. */
export const noticeSearch: readonly FieldCall[] = [
  { call: 'listApprovalNotices', per: 'page100', atMost: searchedPages },
];
