/** An instant of the embedded TICS as the gateway answers it: null for what has not happened, which is 0 there. */
export function iso(ms: number | undefined): string | null {
  return ms ? new Date(ms).toISOString() : null;
}
