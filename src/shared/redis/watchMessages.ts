import type { SharedChange } from '../watches.ts';

/** The next part of a log. Its status and bodies are encrypted. */
export type ChangeMessage = Omit<SharedChange, 'entries'> & {
  readonly type: 'NEXT';
  readonly watch: string;
  readonly bodies: readonly string[];
};

/** A message of a group's channel. `watch` is the hash of a watch's name. */
export type WatchMessage =
  /** The watches of a replica have changed. */
  | { readonly type: 'WATCHES'; readonly watch?: undefined }
  /** The lease is released. */
  | { readonly type: 'FREE'; readonly watch?: undefined }
  /** A replica requests a poll for a new subscriber. */
  | { readonly type: 'POLL'; readonly watch: string }
  /** The leader cannot decrypt the name of the watch. */
  | { readonly type: 'REFUSED'; readonly watch: string }
  /** The log was rewritten: read it again. */
  | { readonly type: 'WHOLE'; readonly watch: string }
  | ChangeMessage;

/** Undefined for invalid JSON: anyone with access to the server can publish. */
export function parseMessage(text: string): WatchMessage | undefined {
  try {
    return JSON.parse(text) as WatchMessage;
  } catch {
    return undefined;
  }
}
