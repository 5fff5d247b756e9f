import { parseArgs } from 'node:util'
import { revocationAsk, type RevocationTarget } from '../crypto/internal-api.ts'
import type { CallFailure } from '../crypto/internal-client.ts'
import { KeyFault } from '../crypto/keys/key-fault.ts'
import { systemClock } from '../kernel/clock.ts'
import { ConfigError } from '../kernel/env.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import type { Out } from './keys.ts'
import { openOperator } from './operator.ts'
import { nameTarget, readTarget } from './revocation-target.ts'

type Env = Readonly<Record<string, string | undefined>>

interface Asked {
  readonly target: RevocationTarget
  readonly reason: string
}

/**
 * `maximo-mcp revoke …`: ends grants and tokens at the MCP server, with the operator's key and without the portal.
 *
 * @returns 0 when it is recorded or enforced; 1 for a refusal, 64 for wrong usage, 69 when no MCP server took it, 78 for
 *   a key or variables that cannot be used
 */
export async function runRevoke(args: readonly string[], env: Env, out: Out): Promise<number> {
  const asked = readArguments(args)
  if (!asked.ok) {
    out.problem(`${asked.error}\n\n${USAGE}`)
    return 64
  }
  try {
    return await revoke(asked.value, env, out)
  } catch (error) {
    if (!(error instanceof KeyFault || error instanceof ConfigError)) throw error
    out.problem(error.message)
    return 78
  }
}

async function revoke({ target, reason }: Asked, env: Env, out: Out): Promise<number> {
  const operator = await openOperator(env)
  try {
    const answer = await operator.calls(revocationAsk)({ target, reason, by: operator.issuer })
    if (!answer.ok) return tellFailure(answer.error, out)
    const { state, servers } = answer.value
    const where = servers === undefined ? '' : ` on ${servers.have} of ${servers.of} servers`
    out.line(`${state}${where} ${nameTarget(target)}`)
    if (state === 'recorded') out.line(RECORDED)
    return 0
  } finally {
    await operator.close()
  }
}

function tellFailure(failure: CallFailure, out: Out): number {
  if (failure.reason === 'unavailable') {
    out.problem('No MCP server of MCP_INTERNAL_URLS took it, so nothing may have ended. Try again.')
    return 69
  }
  const why = REFUSALS.get(failure.refusal) ?? `The MCP server refused it (${failure.refusal}).`
  out.problem(`${why} Nothing ended.`)
  return 1
}

function readArguments(args: readonly string[]): Result<Asked, string> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { reason: { type: 'string', default: 'operator' } },
    })
    const reason = revocationAsk.ask.shape.reason.min(1).safeParse(values.reason)
    if (!reason.success) return err('A reason has 1 to 60 characters.')
    const target = readTarget(positionals, systemClock)
    return target.ok ? ok({ target: target.value, reason: reason.data }) : target
  } catch (error) {
    // parseArgs throws for an option it does not know, or one without its value.
    return err(error instanceof Error ? error.message : String(error))
  }
}

const USAGE = `maximo-mcp revoke <what> [--reason <words>]

  user <Clerk user id>     everything of a person
  client <client id>       everything that a client was given, by anybody
  env <environment id>     everything that reaches an environment
  key <kid>                every token made with a key
  before <time>            everything that was allowed earlier
  window <from> <to>       everything that was allowed in between, both included

A time is \`now\`, or ISO 8601 with its zone; the MCP server's clock counts.`

const RECORDED =
  'It is durable. What the next call meets may still let it in while the store or a server is away.'

const REFUSALS: ReadonlyMap<string, string> = new Map([
  ['time_ahead', 'That time is yet to come, by the clock of the MCP server.'],
  ['window_empty', 'The window ends before it begins.'],
])
