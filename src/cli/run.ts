import { once } from 'node:events'
import { runSimulate } from '../dev/simulator/command.ts'
import { BadSetting } from '../dev/up/settings.ts'
import { PortTaken } from '../dev/up/ports.ts'
import { startUp } from '../dev/up/up.ts'
import { KeyFault } from '../crypto/keys/key-fault.ts'
import { BrokenChain } from '../kernel/chained-file.ts'
import { ConfigError } from '../kernel/env.ts'
import type { Running } from '../kernel/running.ts'
import { startMcp } from '../mcp/start.ts'
import { startPortal } from '../portal/start.ts'
import { runAudit } from './audit.ts'
import { runKeys, type Out } from './keys.ts'

type Env = Readonly<Record<string, string | undefined>>
type Command = (args: readonly string[], env: Env, out: Out) => Promise<number>

const USAGE = `maximo-mcp <command>

  up          everything in one process on loopback, with stand-ins (what npm start runs)
  portal      the authorization server and its pages
  mcp         the MCP server
  simulate    a Maximo to try things on; prints an API key per account
  keys        init | status | rotate <purpose> | retire <kid>
  audit       verify [--data <folder>]

Variables are listed in the README.`

const COMMANDS: Readonly<Record<string, Command>> = {
  up: (_args, env, out) => serve(out, () => startUp(env, (text) => out.line(text))),
  portal: (_args, env, out) => serve(out, async () => announced(await startPortal(env), 'portal', out)),
  mcp: (_args, env, out) => serve(out, async () => announced(await startMcp(env), 'mcp', out)),
  simulate: (args, env, out) => serve(out, () => runSimulate(args, env, { write: (text) => out.line(text) })),
  keys: runKeys,
  audit: runAudit,
}

/** `maximo-mcp <command> …`: the exit code, 64 for a command that is not known (sysexits.h `EX_USAGE`). */
export async function run(args: readonly string[], env: Env): Promise<number> {
  const out: Out = { line: (text) => console.log(text), problem: (text) => console.error(text) }
  const [name = '', ...rest] = args
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command !== undefined) return command(rest, env, out)
  const asked = name === '' || name === 'help' || name === '--help'
  if (!asked) out.problem(`There is no command “${name}”.\n`)
  if (asked) out.line(USAGE)
  else out.problem(USAGE)
  return asked && name !== '' ? 0 : 64
}

/** Runs a service until the first SIGINT or SIGTERM; a second one ends the process at once. */
async function serve(out: Out, start: () => Promise<Pick<Running, 'close'>>): Promise<number> {
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  try {
    const service = await start()
    await stopped
    await service.close()
    return 0
  } catch (error) {
    return explain(error, out)
  }
}

function announced(service: Running, name: string, out: Out): Running {
  out.line(`ready ${name} ${service.url}`)
  return service
}

const FOR_A_PERSON = [ConfigError, KeyFault, BrokenChain, PortTaken, BadSetting]

/** What a person can mend is told in a sentence, exit code 78 (`EX_CONFIG`); a bug keeps its stack. */
function explain(error: unknown, out: Out): number {
  if (FOR_A_PERSON.some((kind) => error instanceof kind)) {
    out.problem((error as Error).message)
    return 78
  }
  out.problem(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return 1
}
