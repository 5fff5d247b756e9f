import { edit, type Removal } from './removal.ts'

const WEBHOOKS = 'test/attacks/webhooks.test.ts'
const EXCHANGE = 'src/portal/token/exchange-code.ts'

/** Owners who are gone in mid-flow, clocks that differ, and faults at each call. */
export const FAULTS: readonly Removal[] = [
  {
    attack: 'T-60',
    test: WEBHOOKS,
    title: 'a code that was given before the ban is worth nothing, and no new one is given (T-60)',
    edits: [edit(EXCHANGE, "if (first.held.isEnded) return err('code_of_ended_grant')", '')],
  },
  {
    attack: 'T-60',
    test: WEBHOOKS,
    title: 'an account that is locked while its consent page is open allows nothing (T-60)',
    edits: [
      edit(
        'src/portal/clerk/environments.ts',
        'if (user === null || user.banned || user.locked) return null',
        'if (user === null) return null',
      ),
    ],
  },
  {
    attack: 'T-60',
    test: 'test/unit/portal/owners.test.ts',
    title: 'a grant rests on the last complete look',
    edits: [
      edit('src/portal/owners.ts', 'return deps.clock.nowMs() - lastMs <= GOOD_FOR_MS', 'return lastMs >= 0'),
    ],
  },
  {
    attack: 'T-64',
    test: 'test/attacks/clocks.test.ts',
    title: 'T-64: clocks that differ',
    edits: [
      edit(
        'src/crypto/token-checks.ts',
        "if (claims.iat > now + IAT_LEEWAY_S) return 'issued_in_future'",
        '',
      ),
    ],
  },
  {
    attack: 'T-65',
    test: 'test/attacks/clocks.test.ts',
    title: 'T-65: one silent answer of the store at the door, whichever it is',
    edits: [
      edit(
        'src/mcp/admission/admit.ts',
        "return err(unavailable('store_silent'))",
        "return ok({ state: 'passed', newer: null } as never)",
      ),
    ],
  },
  {
    attack: 'T-65',
    test: 'test/attacks/oauth-refresh.test.ts',
    title: 'T-65: one silent call of the store, whichever it is',
    edits: [
      edit(
        EXCHANGE,
        "deps.store.putOnce(use, '1', USED_CODE_TTL_MS)",
        "deps.store.putOnce(use, '1', USED_CODE_TTL_MS).catch(() => true)",
      ),
    ],
  },
]
