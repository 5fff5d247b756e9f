import { parseArgs } from 'node:util'
import { join } from 'node:path'
import { systemClock } from '../../kernel/clock.ts'
import { BadSetting } from '../up/settings.ts'
import type { Simulator, SimulatorOptions } from './contract.ts'
import { startSimulator } from './simulator.ts'

const DEFAULT_PORT = 8083

export interface CommandOutput {
  /** Writes one line. */
  readonly write: (line: string) => void
}

/**
 * `maximo-mcp simulate [--port n] [--host h] [--data dir] [--seed n]`: prints `apikey <account> <key>` per account, then
 * a line starting `ready`, and serves until the returned simulator is closed. Defaults come from `MAXIMO_SIM_PORT` and
 * `DATA_DIR`.
 *
 * @throws BadSetting for a number that is none and in production; the errors of `parseArgs` and `listen`
 */
export async function runSimulate(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  out: CommandOutput,
): Promise<Simulator> {
  if (env['NODE_ENV'] === 'production') throw new BadSetting('The simulator refuses NODE_ENV=production.')
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      host: { type: 'string' },
      data: { type: 'string' },
      seed: { type: 'string' },
      plant: { type: 'string' },
    },
  })
  const simulator = await startSimulator({
    ...placeOf(values, env),
    size: oneOf('plant', ['small', 'large'], values.plant ?? 'small'),
    clock: systemClock,
  })
  for (const { account, apiKey } of simulator.accounts.all()) out.write(`apikey ${account} ${apiKey}`)
  out.write(`ready ${simulator.baseUrl}`)
  return simulator
}

/** Where it listens and keeps its accounts, and from what its plant grows. */
function placeOf(
  values: { readonly port?: string; readonly host?: string; readonly data?: string; readonly seed?: string },
  env: Readonly<Record<string, string | undefined>>,
): Pick<SimulatorOptions, 'port' | 'dataDir' | 'host' | 'seed' | 'nodeEnv'> {
  return {
    port: wholeNumber('port', values.port ?? env['MAXIMO_SIM_PORT'] ?? String(DEFAULT_PORT)),
    dataDir: values.data ?? join(env['DATA_DIR'] ?? './data', 'simulator'),
    ...(values.host === undefined ? {} : { host: values.host }),
    ...(values.seed === undefined ? {} : { seed: wholeNumber('seed', values.seed) }),
    ...(env['NODE_ENV'] === undefined ? {} : { nodeEnv: env['NODE_ENV'] }),
  }
}

function oneOf<Name extends string>(name: string, known: readonly Name[], text: string): Name {
  const found = known.find((one) => one === text)
  if (found === undefined) throw new BadSetting(`--${name} must be one of ${known.join(', ')}`)
  return found
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new BadSetting(`--${name} must be a whole number`)
  return Number(text)
}
