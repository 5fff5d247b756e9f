import { once } from 'node:events'
import { runSimulate } from '../dev/simulator/command.ts'
import { BadSetting } from '../dev/up/settings.ts'
import { PortTaken } from '../dev/up/ports.ts'
import { startUp } from '../dev/up/up.ts'
import { KeyFault } from '../crypto/keys/key-fault.ts'
import { BrokenChain } from '../kernel/broken-chain.ts'
import { ConfigError } from '../kernel/env.ts'
import { FileInUse } from '../kernel/file-lock.ts'
import { JournalLost } from '../kernel/peers/restore-journal.ts'
import type { Running } from '../kernel/running.ts'
import { startMcp } from '../mcp/start.ts'
import { startPortal } from '../portal/start.ts'
import { runAudit } from './audit.ts'
import { runDoctor } from './doctor.ts'
import { runIntrospect } from './introspect.ts'
import { runJournal } from './journal.ts'
import { runKeys, type Out } from './keys.ts'
import { runToken } from './token.ts'
import { runRevoke } from './revoke.ts'

type Env = Readonly<Record<string, string | undefined>>
type Command = (args: readonly string[], env: Env, out: Out) => Promise<number>

const USAGE = `maximo-mcp <command>

  up          everything in one process on loopback, with stand-ins (what npm start runs)
  portal      the authorization server and its pages
  mcp         the MCP server
  simulate    [--port n] [--host h] [--data folder] [--seed n]: a Maximo to try things on; prints an API key per account
  keys        init | status | rotate <purpose> | retire <kid>
  revoke      user | client | env | key <id>, before <time>, window <from> <to>: ends tokens, with the operator's key
  token       create [--out <file>] | list | rotate | revoke: automation tokens, by a browser login at the portal
  introspect  what a token is (read from standard input), with the operator's key
  audit       verify | search | export | hold | erase: whether the audit logs hold, what they say, and what must stay
  journal     inspect | verify [<file> …], merge <file> … --out <file>, compact: the journals of both services
  doctor      connection [<id>] [--data <folder>]: why a client did or did not connect

Variables are listed in the README.`

const COMMANDS: Readonly<Record<string, Command>> = {
  up: bare((env, out) => startUp(env, (text) => out.line(text))),
  portal: bare(async (env, out) => announced(await startPortal(env), 'portal', out)),
  mcp: bare(async (env, out) => announced(await startMcp(env), 'mcp', out)),
  simulate: (args, env, out) => serve(out, () => runSimulate(args, env, { write: (text) => out.line(text) })),
  keys: runKeys,
  token: runToken,
  revoke: runRevoke,
  introspect: (args, env, out) => runIntrospect(args, env, out),
  audit: runAudit,
  journal: runJournal,
  doctor: runDoctor,
}

const ON_THE_CONSOLE: Out = { line: (text) => console.log(text), problem: (text) => console.error(text) }

/**
 * `maximo-mcp <command> …`: the exit code, 64 for what is not known (sysexits.h `EX_USAGE`). An empty variable counts
 * as absent everywhere: an empty `DATA_DIR` is not the current folder.
 */
export async function run(args: readonly string[], variables: Env, out = ON_THE_CONSOLE): Promise<number> {
  const env = present(variables)
  const [name = '', ...rest] = args
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command !== undefined) return command(rest, env, out)
  return tellUsage(name, out)
}

function tellUsage(name: string, out: Out): number {
  const asked = name === '' || name === 'help' || name === '--help'
  if (asked) out.line(USAGE)
  else out.problem(`There is no command “${name}”.\n\n${USAGE}`)
  return asked && name !== '' ? 0 : 64
}

const present = (variables: Env): Env =>
  Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))

/** A service that is configured by variables alone. */
function bare(start: (env: Env, out: Out) => Promise<Stoppable>): Command {
  return (args, env, out) => {
    if (args.length === 0) return serve(out, () => start(env, out))
    out.problem(`It takes no arguments; it is configured by variables.\n\n${USAGE}`)
    return Promise.resolve(64)
  }
}

type Stoppable = Pick<Running, 'close' | 'leave'>

/**
 * Runs a service until the first SIGINT or SIGTERM; a second one ends the process at once, also while it leaves. An error
 * that nobody expected ends it, too: it lets the running calls end, and whoever watches over it starts it anew.
 */
async function serve(out: Out, start: () => Promise<Stoppable>): Promise<number> {
  const over = new AbortController()
  const options = { signal: over.signal }
  const stopped = Promise.race([once(process, 'SIGINT', options), once(process, 'SIGTERM', options)])
  // Nobody waits for it when the start fails.
  stopped.catch(() => undefined)
  try {
    const service = await start()
    let code = 0
    // Told whenever it comes, also while the service ends.
    const bug = firstBug(over.signal).then(
      (error) => {
        out.problem(`Ending over an unexpected error: ${error.stack ?? error.message}`)
        code = 1
      },
      () => undefined,
    )
    await Promise.race([stopped, bug])
    if (code === 0) await service.leave?.()
    await service.close()
    return code
  } catch (error) {
    return explain(error, out)
  } finally {
    over.abort()
  }
}

/** The first error that nothing caught, of a rejected promise too; a second one ends the process at once. */
async function firstBug(signal: AbortSignal): Promise<Error> {
  const [thrown] = (await once(process, 'uncaughtException', { signal })) as [unknown]
  return thrown instanceof Error ? thrown : new Error('something was thrown that is no error')
}

function announced(service: Running, name: string, out: Out): Running {
  out.line(`ready ${name} ${service.url}`)
  return service
}

const FOR_A_PERSON = [ConfigError, KeyFault, BrokenChain, JournalLost, FileInUse, PortTaken, BadSetting]

/** What a person can mend is told in a sentence, exit code 78 (`EX_CONFIG`) or 64; a bug keeps its stack. */
function explain(error: unknown, out: Out): number {
  if (!(error instanceof Error)) throw error
  if (codeOf(error).startsWith('ERR_PARSE_ARGS')) {
    out.problem(`${error.message}\n\n${USAGE}`)
    return 64
  }
  const isForPerson = FOR_A_PERSON.some((kind) => error instanceof kind)
  const sentence = isForPerson ? error.message : aboutPort(error)
  out.problem(sentence ?? error.stack ?? error.message)
  return sentence === null ? 1 : 78
}

/** `listen` failed: the error of Node has the place (`node:net`). */
function aboutPort(error: Error): string | null {
  if (codeOf(error) !== 'EADDRINUSE' && codeOf(error) !== 'EACCES') return null
  const { address = '', port = 0 } = error as { readonly address?: string; readonly port?: number }
  const why = codeOf(error) === 'EACCES' ? 'may not be used by this account' : 'is already in use'
  return port === 0 ? null : `Port ${port} of ${address} ${why}. The ports are variables; see the README.`
}

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : '')
