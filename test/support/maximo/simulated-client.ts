import type { Simulator } from '../../../src/dev/simulator/contract.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import { openMaximo } from '../../../src/maximo/client.ts'
import type { MaximoClient } from '../../../src/maximo/contract.ts'
import type { Egress } from '../../../src/maximo/egress/egress.ts'

/** Both halves of a connection to the simulator, with the rights of one of its accounts. */
export const maximoOf = (
  simulator: Simulator,
  egress: Egress,
  account: string,
  method: 'apikey' | 'maxauth' = 'apikey',
): ReturnType<typeof openMaximo> => {
  const { userId, password, apiKey } = simulator.accounts.of(account)
  const credential = new Secret(method === 'apikey' ? apiKey : `${userId}:${password}`)
  return openMaximo({
    environment: { baseUrl: simulator.baseUrl, method, credential },
    egress,
    clock: systemClock,
  })
}

/** A client of the simulator with the rights of one of its accounts. */
export const clientOf = (...connection: Parameters<typeof maximoOf>): MaximoClient =>
  maximoOf(...connection).client
