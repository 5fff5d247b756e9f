import { parseArgs } from 'node:util'
import { join } from 'node:path'
import { systemClock } from '../../kernel/clock.ts'
import { BadSetting } from '../up/settings.ts'
import type { Simulator, SimulatorOptions } from './contract.ts'
import { readFaultRule } from './fault-rule.ts'
import type { FaultRule } from './faults.ts'
import { startSimulator } from './simulator.ts'
import type { ThrottleRule } from './throttle.ts'
import { VERSIONS } from './versions.ts'
import { recordBreachesFor } from './wire/wire-watch.ts'

const DEFAULT_PORT = 8083

export interface CommandOutput {
  /** Writes one line. */
  readonly write: (line: string) => void
}

/**
 * `maximo-mcp simulate [--port n] [--host h] [--data dir] [--seed n] [--plant small|large] [--version 7.6.1|9.0|9.1]`,
 * and the trouble of {@link readTrouble} and `--throttle`: prints `apikey <account> <key>` per account, then
 * a line starting `ready`, and serves until the returned simulator is closed. Defaults come from `MAXIMO_SIM_PORT` and
 * `DATA_DIR`; what breaks a rule of the wire is appended to `MAXIMO_SIM_WIRE_LOG`.
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
      version: { type: 'string' },
      latency: { type: 'string' },
      throttle: { type: 'string' },
      truncate: { type: 'string' },
      maintenance: { type: 'boolean' },
      fault: { type: 'string', multiple: true },
    },
  })
  const trouble = readTrouble(values)
  recordBreachesFor(env)
  const simulator = await startSimulator({
    ...placeOf(values, env),
    version: oneOf('version', VERSIONS, values.version ?? '9.1'),
    size: oneOf('plant', ['small', 'large'], values.plant ?? 'small'),
    clock: systemClock,
  })
  for (const rule of trouble.faults) simulator.faults.add(rule)
  simulator.throttle.set(trouble.throttle)
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

interface Trouble {
  readonly faults: readonly FaultRule[]
  readonly throttle: ThrottleRule | null
}

/** `--maintenance`, `--truncate n`, `--fault json` and `--latency ms` in the order in which they are tried. */
function readTrouble(values: {
  readonly latency?: string | undefined
  readonly throttle?: string | undefined
  readonly truncate?: string | undefined
  readonly maintenance?: boolean | undefined
  readonly fault?: readonly string[] | undefined
}): Trouble {
  const { latency, throttle, truncate } = values
  const every = truncate === undefined ? 0 : wholeNumber('truncate', truncate)
  const faults: FaultRule[] = []
  if (values.maintenance === true) faults.push({ fault: { kind: 'admin-mode' } })
  if (every > 0) faults.push({ fault: { kind: 'truncated-json' }, every })
  faults.push(...(values.fault ?? []).map(readFault))
  if (latency !== undefined) faults.push({ fault: { kind: 'latency', ms: wholeNumber('latency', latency) } })
  if (throttle === undefined) return { faults, throttle: null }
  return {
    faults,
    throttle: { perMinute: wholeNumber('throttle', throttle), status: 429, retryAfter: 'seconds' },
  }
}

function readFault(text: string): FaultRule {
  try {
    return readFaultRule(JSON.parse(text))
  } catch (error) {
    throw new BadSetting('--fault must be JSON such as {"fault":{"kind":"html-error","status":503}}', {
      cause: error,
    })
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
