import { isFree } from '../processes/free-port.ts'

/** A port that somebody else holds, with the variable that moves ours. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken'

  constructor(variable: string, port: number) {
    super(
      `Port ${port} is already in use. Stop the program that listens there, or choose another port with ${variable}.`,
    )
  }
}

/**
 * Finds a taken port before anything starts, so that the message names the variable and nothing is half up.
 *
 * @throws PortTaken for the first one that cannot be bound on loopback.
 */
export async function assertPortsFree(ports: Readonly<Record<string, number>>): Promise<void> {
  for (const [variable, port] of Object.entries(ports)) {
    if (!(await isFree(port))) throw new PortTaken(variable, port)
  }
}
