import { introspection } from '../crypto/internal-api.ts'
import { KeyFault } from '../crypto/keys/key-fault.ts'
import { ConfigError } from '../kernel/env.ts'
import type { Out } from './keys.ts'
import { openOperator } from './operator.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * `maximo-mcp introspect`: reads a token from standard input (an argument would stand in the list of processes) and prints
 * what the MCP server says of it (RFC 7662), with the operator's key.
 *
 * @returns 0 when it is active; 1 when it is not, 64 for wrong usage, 69 when no MCP server knows, 78 for a key or
 *   variables that cannot be used
 */
export async function runIntrospect(
  args: readonly string[],
  env: Env,
  out: Out,
  input: AsyncIterable<Buffer | string> = process.stdin,
): Promise<number> {
  const token = args.length === 0 ? await readToken(input) : null
  if (token === null) {
    out.problem('maximo-mcp introspect   reads one token from standard input: no argument')
    return 64
  }
  try {
    return await introspect(token, env, out)
  } catch (error) {
    if (!(error instanceof KeyFault || error instanceof ConfigError)) throw error
    out.problem(error.message)
    return 78
  }
}

/** `null`: nothing, or more than any token is long. */
async function readToken(input: AsyncIterable<Buffer | string>): Promise<string | null> {
  let text = ''
  for await (const chunk of input) {
    text += chunk.toString()
    if (text.length > MAX_INPUT_CHARS) return null
  }
  const token = text.trim()
  return introspection.ask.shape.token.safeParse(token).success ? token : null
}

async function introspect(token: string, env: Env, out: Out): Promise<number> {
  const operator = await openOperator(env)
  try {
    const answer = await operator.calls(introspection)({ token })
    if (!answer.ok) {
      out.problem('No MCP server of MCP_INTERNAL_URLS can say at the moment. Try again.')
      return 69
    }
    out.line(JSON.stringify(answer.value, null, 2))
    return answer.value.active ? 0 : 1
  } finally {
    await operator.close()
  }
}

const MAX_INPUT_CHARS = 8_192
