import { EXPORT_USAGE, runExport } from './audit/export.ts'
import { HOLD_USAGE, runErase, runHold } from './audit/hold.ts'
import type { Env } from './audit/place.ts'
import { runSearch, SEARCH_USAGE } from './audit/search.ts'
import { runVerify, VERIFY_USAGE } from './audit/verify.ts'
import type { Out } from './keys.ts'

const USAGE = `${[VERIFY_USAGE, SEARCH_USAGE, EXPORT_USAGE, HOLD_USAGE].join('\n\n')}

Logs are those under DATA_DIR, else ./data, or under --data <folder>. The services may be running.`

const COMMANDS: Readonly<Record<string, (args: readonly string[], env: Env, out: Out) => Promise<number>>> = {
  verify: runVerify,
  search: runSearch,
  export: runExport,
  hold: runHold,
  erase: runErase,
}

/** `maximo-mcp audit …`: the exit code of its command, 64 (sysexits.h `EX_USAGE`) when there is no such command. */
export function runAudit(args: readonly string[], env: Env, out: Out): Promise<number> {
  const [name = '', ...rest] = args
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command !== undefined) return command(rest, env, out)
  out.problem(USAGE)
  return Promise.resolve(64)
}
