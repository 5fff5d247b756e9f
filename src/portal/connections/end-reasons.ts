import type { Connection } from '../records/connections.ts'

/** Why something ended, behind “Ended …,”. */
export const END_REASONS: Readonly<Record<NonNullable<Connection['end']>['reason'], string>> = {
  revoked: 'on request',
  code_reused: 'because its authorization code was used twice',
  refresh_reused: 'because an old refresh token was used again: two parties had it',
  ended_elsewhere: 'at the MCP server',
  owner_gone: 'because the account was closed or locked',
  reported: 'because somebody found the token and reported it',
  not_delivered: 'because the token could not be handed over',
  replaced: 'because its keys were changed',
}
