import { X509Certificate, createHash } from 'node:crypto'
import { Agent, request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Simulator, SimulatorOptions } from '../../../src/dev/simulator/contract.ts'
import { startSimulator } from '../../../src/dev/simulator/simulator.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { PROBE } from '../../support/wire/probe.ts'
import { certificate, hasOpenssl, type Pair } from '../maximo/support/certificates.ts'

const made = (): Pair => certificate('20200101000000Z', '20990101000000Z')
const thumbprintOf = ({ cert }: Pair): string =>
  createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url')

describe.runIf(hasOpenssl() || process.env['CI'] === 'true')(
  'a Maximo that demands client certificates',
  () => {
    const [server, planner] = hasOpenssl() ? [made(), made()] : []
    let simulator: Simulator
    const agents: Agent[] = []
    const start = (options: Partial<SimulatorOptions> = {}): Promise<Simulator> => {
      if (server === undefined || planner === undefined) throw new Error('no openssl')
      const users = new Map([[thumbprintOf(planner), 'planner@example.com']])
      const tls = { ...server, clientCa: [planner.cert], users }
      return startSimulator({ port: 0, clock: systemClock, tls, ...options })
    }
    beforeAll(async () => {
      simulator = await start()
    })
    afterAll(async () => {
      await Promise.all(agents.map((agent) => agent.destroy()))
      await simulator.close()
    })

    const ask = async (path: string, pair?: Pair, headers: Record<string, string> = {}, at = simulator) => {
      const agent = new Agent({ connect: { ca: server?.cert, servername: 'x.localhost', ...pair } })
      agents.push(agent)
      const answer = await request(`${at.baseUrl}${path}`, {
        dispatcher: agent,
        headers: { ...PROBE, ...headers },
      })
      const body = (await answer.body.json()) as { userName?: string; Error?: { reasonCode: string } }
      return [answer.statusCode, body.userName ?? body.Error?.reasonCode]
    }
    const UNKNOWN = [401, 'BMXAA0021E']

    test.each(['api', 'oslc'])('on /%s one of them and ccm=1 stand for a user', async (context) => {
      expect(simulator.baseUrl).toMatch(/^https:/)
      expect(await ask(`/${context}/whoami?lean=1&ccm=1`, planner)).toEqual([200, 'WILSON'])
      expect(await ask(`/${context}/whoami?lean=1`, planner)).toEqual(UNKNOWN)
    })

    test('none, and one that nobody knows, do not come as far as a request', async () => {
      const before = simulator.requests()
      await expect(ask('/api/whoami?lean=1&ccm=1')).rejects.toThrow()
      await expect(ask('/api/whoami?lean=1&ccm=1', made())).rejects.toThrow()
      expect(simulator.requests()).toBe(before)
    })

    test('a credential beside it says who asks, and a wrong one is not made good by it', async () => {
      const { apiKey } = simulator.accounts.of('SAM')
      expect(await ask('/api/whoami?lean=1&ccm=1', planner, { apikey: apiKey })).toEqual([200, 'SAM'])
      expect(await ask('/api/whoami?lean=1&ccm=1', planner, { apikey: 'x' })).toEqual([400, 'BMXAA9549E'])
    })

    test('ccm=1 without TLS is no proof', async () => {
      const plain = await startSimulator({ port: 0, clock: systemClock })
      expect(await ask('/api/whoami?lean=1&ccm=1', undefined, {}, plain)).toEqual(UNKNOWN)
      await plain.close()
    })

    test('by rule, the certificate alone is enough', async () => {
      const lenient = await start({ rules: { certificateNeedsCcm: false } })
      expect(await ask('/oslc/whoami?lean=1', planner, {}, lenient)).toEqual([200, 'WILSON'])
      await lenient.close()
    })

    test('a certificate for an account that does not exist is a mistake of who starts it', async () => {
      if (server === undefined) throw new Error('no openssl')
      const tls = { ...server, users: new Map([['x', 'nobody@example.com']]) }
      await expect(start({ tls })).rejects.toThrow('no such account')
    })
  },
)
