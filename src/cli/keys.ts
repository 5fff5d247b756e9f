import { join, resolve } from 'node:path'
import { initKeys, keyStatus, retireKey, rotateKey, type KeyRow } from '../crypto/keys/ceremony.ts'
import { KeyFault } from '../crypto/keys/key-fault.ts'
import { PURPOSES } from '../crypto/keys/kinds.ts'
import { initTls } from '../crypto/keys/tls-ceremony.ts'
import { isoTime, systemClock } from '../kernel/clock.ts'
import { findKidsInUse } from './kids-in-use.ts'
import { readOptions } from './read-options.ts'

/** Where a command writes: answers for pipes, problems for people. */
export interface Out {
  line(text: string): void
  problem(text: string): void
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * `maximo-mcp keys …`, offline, on the folders under DATA_DIR.
 * @returns 0; 1 for a refusal, 64 for wrong usage, 78 when a key folder breaks a rule
 */
export async function runKeys(args: readonly string[], env: Env, out: Out): Promise<number> {
  const asked = readArguments(args)
  if (asked === null) return misused(out)
  const dataDir = resolve(env['DATA_DIR'] ?? './data')
  try {
    return await runCommand({ ...asked, dataDir, out })
  } catch (error) {
    if (!(error instanceof KeyFault)) throw error
    for (const problem of error.problems) out.problem(problem)
    return 78
  }
}

interface Asked {
  readonly command: string
  readonly operand: string | undefined
  readonly tls: boolean
  readonly hosts: readonly string[]
  readonly redisHosts: readonly string[]
  readonly now: boolean
}

interface Task extends Asked {
  readonly dataDir: string
  readonly out: Out
}

function runCommand(task: Task): Promise<number> {
  const { command, operand } = task
  if (command === 'init' && operand === undefined) return init(task)
  if (command === 'status' && operand === undefined) return status(task)
  if (command === 'rotate' && operand !== undefined) return rotate(task, operand)
  if (command === 'retire' && operand !== undefined) return retire(task, operand)
  return Promise.resolve(misused(task.out))
}

async function init({ dataDir, tls, hosts, redisHosts, out }: Task): Promise<number> {
  const made = await initKeys(dataDir, systemClock)
  if (made.ok) showRows(made.value, out)
  // With --tls, keys that are there already are no obstacle: only certificates are asked for.
  else if (!tls) return refused(made.error.message, out)
  if (!tls) return 0
  const certificates = await initTls(dataDir, { hosts, redisHosts })
  if (!certificates.ok) return refused(certificates.error, out)
  for (const [name, path] of Object.entries(certificates.value)) out.line(`${name} ${path}`)
  return 0
}

async function status({ dataDir, out }: Task): Promise<number> {
  showRows(await keyStatus(dataDir), out)
  return 0
}

async function rotate({ dataDir, out }: Task, operand: string): Promise<number> {
  const purpose = PURPOSES.find((one) => one === operand)
  if (purpose === undefined) return refused(`There is no purpose “${operand}”: ${PURPOSES.join(', ')}`, out)
  const rotated = await rotateKey(dataDir, purpose, systemClock)
  if (!rotated.ok) return refused(rotated.error.message, out)
  const rows = rotated.value.filter((row) => row.purpose === purpose)
  showRows(rows, out)
  out.line(
    rows.some(({ state }) => state === 'next')
      ? `Now send both services SIGHUP, then run \`keys rotate ${purpose}\` again: it switches to the new key.`
      : 'Now send both services SIGHUP. Retire the former key when its time has passed.',
  )
  return 0
}

async function retire({ dataDir, now, out }: Task, kid: string): Promise<number> {
  const kidsInUse = await findKidsInUse(join(dataDir, 'mcp', 'journal')).catch((error: unknown) => {
    out.problem(error instanceof Error ? error.message : String(error))
    return null
  })
  if (kidsInUse === null) return refused('The journal cannot be read whole, so every key may be in use.', out)
  const retired = await retireKey(dataDir, kid, { kidsInUse, clock: systemClock, now })
  if (!retired.ok) return refused(retired.error.message, out)
  out.line(`${kid} is gone. Now send both services SIGHUP.`)
  return 0
}

function showRows(rows: readonly KeyRow[], out: Out): void {
  for (const row of rows) {
    const { owner, kid, purpose, state, holds, since, thumbprint } = row
    const columns = [kid, purpose.padEnd(16), owner.padEnd(6), holds.padEnd(7), state.padEnd(7)]
    out.line([...columns, isoTime(since * 1000), thumbprint].join('  '))
  }
}

function readArguments(args: readonly string[]): Asked | null {
  const read = readOptions({
    args: [...args],
    allowPositionals: true,
    options: {
      tls: { type: 'boolean', default: false },
      host: { type: 'string', multiple: true, default: [] },
      'redis-host': { type: 'string', multiple: true, default: [] },
      now: { type: 'boolean', default: false },
    },
  })
  if (read === null) return null
  const { values, positionals } = read
  const [command = '', operand, ...more] = positionals
  if (more.length > 0) return null
  const [hosts, redisHosts] = [namesOf(values.host), namesOf(values['redis-host'])]
  return { command, operand, tls: values.tls, hosts, redisHosts, now: values.now }
}

/** An option may stand there several times, and hold several names each time. */
const namesOf = (lists: readonly string[]): string[] => lists.flatMap((list) => list.split(','))

function refused(message: string, out: Out): number {
  out.problem(message)
  return 1
}

function misused(out: Out): number {
  out.problem(
    'maximo-mcp keys init [--tls --host a,b --redis-host c,d] | status | rotate <purpose> | retire <kid> [--now]',
  )
  return 64
}
