import { CALLERS } from './callers.ts'
import { CHANGED } from './changes.ts'
import { CLIENTS } from './clients.ts'
import { DOMAINS } from './domains.ts'
import { FAULTS } from './faults.ts'
import { MAXIMO } from './maximo.ts'
import { OAUTH } from './oauth.ts'
import type { Removal } from './removal.ts'
import { RESOURCES } from './resources.ts'
import { TOKENS } from './tokens.ts'
import { TOOLS } from './tools.ts'

/** One for every test that `docs/known-attacks.md` names. */
export const REMOVALS: readonly Removal[] = [
  ...TOKENS,
  ...DOMAINS,
  ...CALLERS,
  ...OAUTH,
  ...CLIENTS,
  ...FAULTS,
  ...MAXIMO,
  ...CHANGED,
  ...TOOLS,
  ...RESOURCES,
]
