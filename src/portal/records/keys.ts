/** Names of the portal's keys in the store, without its prefix. */
export const storeKeys = {
  /** Projected from the journal. */
  client: (clientId: string): string => `client:${clientId}`,
  grantEnd: (gid: string): string => `end:${gid}`,
  refresh: (hash: string): string => `refresh:${hash}`,
  rotation: (hash: string): string => `rotated:${hash}`,
  machine: (cid: string): string => `machine:${cid}`,
  token: (rid: string): string => `token:${rid}`,

  /** Running transactions: lost with the store, and then begun again. */
  transaction: (id: string): string => `txn:${id}`,
  usedCode: (codeId: string): string => `code:${codeId}`,
  waitingReceipt: (codeId: string): string => `receipt:${codeId}`,
  pendingTake: (owner: { readonly userId: string; readonly sessionId: string }): string =>
    `take:${owner.userId}:${owner.sessionId}`,
  webhook: (deliveryId: string): string => `hook:${deliveryId}`,
  usedForm: (formId: string): string => `form-used:${formId}`,
  /** What was typed before its owner had to sign in again. */
  tokenDraft: (id: string): string => `token-draft:${id}`,
  reports: (addressPrefix: string): string => `rate:report:${addressPrefix}`,
  sentPlan: (userId: string): string => `plan:${userId}`,
  seenSession: (sessionId: string): string => `seen:${sessionId}`,
  /** Registrations nobody has used yet: `RINGS` times `RING_PLACES` keys, and a counter per ring. */
  pendingClient: (ring: number, place: number): string => `pending:${ring}:${place}`,
  registrations: (ring: number): string => `registrations:${ring}`,
  assertion: (digest: string): string => `assertion:${digest}`,
  refreshes: (gid: string): string => `rate:refresh:${gid}`,
  failures: (who: string): string => `rate:token:${who}`,
} as const
