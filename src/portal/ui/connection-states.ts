/** How far a connection or a token is from its end, as its owner reads it. */
export type ConnectionState = 'live' | 'expired' | 'pending' | 'recorded' | 'enforced'

/** Says what is true: what the MCP server has not confirmed is not in force. */
export const STATES: Readonly<Record<ConnectionState, { readonly words: string; readonly look: string }>> = {
  live: { words: 'Live', look: 'state live' },
  expired: { words: 'Expired', look: 'state' },
  pending: {
    words: 'Ended here, not yet in force: the MCP server has not confirmed it. We keep asking.',
    look: 'state waiting',
  },
  recorded: { words: 'Ended: recorded by the MCP server, in force in a moment', look: 'state' },
  enforced: { words: 'Ended', look: 'state' },
}
