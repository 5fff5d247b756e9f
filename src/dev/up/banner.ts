import type { UpSettings } from './settings.ts'

interface BannerAccount {
  readonly email: string
  readonly plan: string
}

/** What a newcomer needs on one screen: addresses, accounts, the line to paste, and what this is not. */
export function banner(
  settings: UpSettings,
  accounts: readonly BannerAccount[],
  store: 'memory' | 'redis',
): string {
  const { ports } = settings
  const place = (name: string, text: string): string => `  ${name.padEnd(12)}${text}`
  return [
    '',
    'maximo-mcp, everything in one process',
    '',
    place('portal', settings.portalUrl),
    place('MCP', `${settings.mcpUrl}/mcp`),
    ...(settings.hasClerk
      ? []
      : [place('sign-in', `http://localhost:${ports.CLERK_STANDIN_PORT} (stand-in for Clerk)`)]),
    place('Maximo', `http://127.0.0.1:${ports.MAXIMO_SIM_PORT}/maximo (simulator)`),
    place('data', settings.dataDir),
    place('store', store === 'memory' ? 'in process: limits start anew at a restart' : 'Redis'),
    '',
    ...(accounts.length === 0 ? [] : ['Sign in as one of (no password):']),
    ...accounts.map(({ email, plan }) => `  ${email.padEnd(26)}plan ${plan}, environment “demo”`),
    '',
    'Connect Claude Code:',
    `  claude mcp add --transport http maximo ${settings.mcpUrl}/mcp`,
    '',
    'This is for trying out and developing. Everything runs in one process with stand-ins, so it is no trust boundary.',
    '',
  ].join('\n')
}
