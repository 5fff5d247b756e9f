import type { Simulator, SimulatorOptions } from './contract.ts'

/**
 * Starts the Maximo simulator.
 *
 * @throws when `nodeEnv` is `production`, or the port is taken.
 */
export function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  return Promise.reject(new Error(`not built yet (port ${options.port})`))
}
