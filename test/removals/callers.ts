import { edit, type Removal } from './removal.ts'

/** Floods of tokens, and what is written down of those who come. */
export const CALLERS: readonly Removal[] = [
  {
    attack: 'T-30',
    test: 'test/unit/mcp/token-work.test.ts',
    title: 'five attempts in a second per token id, and no more',
    edits: [edit('src/mcp/admission/decrypt-gate.ts', 'return window.count <= MAX_ATTEMPTS', 'return true')],
  },
  {
    attack: 'T-30',
    test: 'test/unit/mcp/token-work.test.ts',
    title: 'one runs per token id, whatever stands under it',
    edits: [
      edit(
        'src/mcp/admission/decrypt-gate.ts',
        'if (this.#tokenIdsRunning.has(tokenId) || !this.#mayTry(tokenId))',
        'if (!this.#mayTry(tokenId))',
      ),
    ],
  },
  {
    attack: 'T-31',
    test: 'test/attacks/admission-limits.test.ts',
    title: 'it slows garbage from one address, and never a proven token from there (T-31)',
    edits: [
      edit(
        'src/mcp/admission/prove-token.ts',
        "if (verdict.state === 'counted') return",
        'if (verdict.state !== undefined) return',
      ),
    ],
  },
  {
    attack: 'T-32',
    test: 'test/flows/secrets.test.ts',
    title: 'standard output and error of both services, at the most talkative level',
    edits: [
      edit(
        'src/kernel/secret.ts',
        '    return this.#value\n',
        '    process.stdout.write(`${String(this.#value)}\\n`)\n    return this.#value\n',
      ),
    ],
  },
  {
    attack: 'T-32',
    test: 'test/flows/secrets.test.ts',
    title: 'journals and audit logs',
    edits: [
      edit(
        'src/portal/events.ts',
        "userAgent: request.headers['user-agent'] ?? null,",
        "userAgent: Object.values((request.body ?? {}) as object).find((value) => String(value).startsWith('mxr_')) as string,",
      ),
    ],
  },
]
