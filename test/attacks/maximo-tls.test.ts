import { X509Certificate } from 'node:crypto'
import type { LookupFunction } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SimulatorTls } from '../../src/dev/simulator/contract.ts'
import { startSimulator } from '../../src/dev/simulator/simulator.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { type HostTrust, NO_TRUST, pinOf } from '../../src/maximo/egress/host-trust.ts'
import { openFaultProxy } from '../support/faults/fault-proxy.ts'
import { ASSETS } from '../support/faults/faulty-plant.ts'
import { openDoor } from '../support/mcp/mcp-door.ts'
import { askTool } from '../support/maximo/plant-door.ts'
import { certificate, hasOpenssl, type Pair } from '../unit/maximo/support/certificates.ts'
import { expectRequestsAt } from '../support/wire/hosts.ts'
import { aCall, faultOf, maximoFor } from '../unit/maximo/support/scripted-maximo.ts'

if (!hasOpenssl()) console.warn('skipped: TLS tests need openssl on the PATH')

const valid = () => certificate('20200101000000Z', '20990101000000Z')
const expired = () => certificate('20200101000000Z', '20200102000000Z')
const pinIn = ({ cert }: Pair) => pinOf(new X509Certificate(cert))
const thumbprintOf = ({ cert }: Pair) =>
  Buffer.from(new X509Certificate(cert).fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')
const toLoopback: LookupFunction = (_name, _options, callback) =>
  callback(null, [{ address: '127.0.0.1', family: 4 }])

/** The simulator behind TLS, and a proxy in front of it. */
async function served(pair: Pair, tls: Partial<SimulatorTls> = {}) {
  const simulator = await startSimulator({ port: 0, clock: systemClock, tls: { ...pair, ...tls } })
  const proxy = await openFaultProxy(Number(new URL(simulator.url).port))
  onTestFinished(async () => {
    await proxy.close()
    await simulator.close()
  })
  expectRequestsAt(`https://x.localhost:${proxy.port}`)
  const { apiKey } = simulator.accounts.of('planner@example.com')
  return { port: proxy.port, proxy, simulator, apiKey }
}
type Served = Awaited<ReturnType<typeof served>>

interface Wish {
  readonly host?: string
  /** Thumbprint of the client certificate to show. */
  readonly shown?: string
  /** It is the only proof. */
  readonly isAlone?: boolean
}

function maximoOf({ port, apiKey }: Served, trust: Partial<HostTrust>, wish: Wish = {}) {
  const { host = 'x.localhost', shown, isAlone = false } = wish
  const unpinned: string[] = []
  const maximo = maximoFor(`https://${host}:${port}/maximo`, {
    ...(isAlone ? { method: 'certificate', credential: 'certificate' } : { credential: apiKey }),
    ...(shown === undefined ? {} : { certificate: shown }),
    egress: {
      trust: new Map([[host, { ...NO_TRUST, ...trust }]]),
      onUnpinned: (name) => unpinned.push(name),
      lookup: toLoopback,
    },
  })
  return { ...maximo, unpinned }
}
const asking = (...args: Parameters<typeof maximoOf>) => maximoOf(...args).client.whoAmI(aCall())

describe.runIf(hasOpenssl() || process.env['CI'] === 'true')(
  'M10: TLS to Maximo that does not verify is refused before anything is sent',
  () => {
    test('a certificate of an authority that the operator named for this host is taken', async () => {
      const pair = valid()
      const maximo = await served(pair)
      expect(await asking(maximo, { ca: [pair.cert] })).toMatchObject({ userName: 'WILSON' })
    })

    test.each([
      ['self-signed', valid, 'x.localhost', false],
      ['for another name', valid, 'y.localhost', true],
      ['expired', expired, 'x.localhost', true],
    ])('one that is %s is refused', async (_name, make, host, isTrusted) => {
      const pair = make()
      const maximo = await served(pair)
      expect(await faultOf(asking(maximo, { ca: isTrusted ? [pair.cert] : [] }, { host }))).toMatchObject({
        kind: 'unreachable',
        detail: 'tls',
      })
      expect(maximo.simulator.requests()).toBe(0)
    })

    test('TLS 1.1 is refused', async () => {
      const pair = valid()
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const
      const maximo = await served(pair, { options: old })
      expect(await faultOf(asking(maximo, { ca: [pair.cert] }))).toMatchObject({ detail: 'tls' })
    })

    describe('a pinned key', () => {
      test('that the chain holds is taken, also as the backup, and on every connection', async () => {
        const [pair, spare] = [valid(), valid()]
        const maximo = await served(pair)
        const pins = [pinIn(spare), pinIn(pair)]
        const { client } = maximoOf(maximo, { ca: [pair.cert], pins })
        for (let at = 0; at < 3; at += 1)
          expect(await client.whoAmI(aCall())).toMatchObject({ userName: 'WILSON' })
      })

      test('that it does not hold closes the connection before anything is sent', async () => {
        const [pair, other] = [valid(), valid()]
        const maximo = await served(pair)
        const fault = await faultOf(asking(maximo, { ca: [pair.cert], pins: [pinIn(other)] }))
        expect(fault).toMatchObject({ kind: 'unreachable', detail: 'tls_pin' })
        expect(maximo.simulator.requests()).toBe(0)
      })

      test('that is only watched is told, and the call goes on', async () => {
        const [pair, other] = [valid(), valid()]
        const maximo = await served(pair)
        const { client, unpinned } = maximoOf(maximo, {
          ca: [pair.cert],
          pins: [pinIn(other)],
          isReportOnly: true,
        })
        expect(await client.whoAmI(aCall())).toMatchObject({ userName: 'WILSON' })
        expect(unpinned).toEqual(['x.localhost'])
      })

      test('is no excuse for a certificate that does not verify', async () => {
        const pair = valid()
        const maximo = await served(pair)
        expect(await faultOf(asking(maximo, { pins: [pinIn(pair)] }))).toMatchObject({ detail: 'tls' })
      })
    })

    test('a tool says so, and nothing of the certificate', async () => {
      const pair = expired()
      const maximo = await served(pair)
      const trust = new Map([['x.localhost', { ...NO_TRUST, ca: [pair.cert] }]])
      const door = await openDoor({ egress: { trust, lookup: toLoopback } })
      const { port, apiKey } = maximo
      const token = await door.token({ maximo: { baseUrl: `https://x.localhost:${port}/maximo`, apiKey } })
      const { text } = await askTool(door, { tool: 'get_context', args: {}, token })
      expect(text).toMatch(/^upstream_down: Maximo cannot be reached/)
      expect(text).not.toMatch(/CERT|expired|localhost/)
      expect(door.log.text()).toContain('"detail":"tls"')
      await door.close()
    })

    test('a connection that opens and then says nothing ends by the deadline', async () => {
      const pair = valid()
      const maximo = await served(pair)
      maximo.proxy.set({ kind: 'silence' })
      const { client } = maximoFor(`https://x.localhost:${maximo.port}/maximo`, {
        egress: { lookup: toLoopback, deadlines: { connectMs: 300 } },
      })
      expect(await faultOf(client.whoAmI(aCall()))).toMatchObject({ kind: 'timeout', detail: 'connect' })
    })

    describe('a client certificate of the operator', () => {
      const mounted = (pair: Pair) => ({
        thumbprint: thumbprintOf(pair),
        name: 'plant',
        users: null,
        ...pair,
      })
      const mutual = async (users: (client: Pair) => ReadonlyMap<string, string>) => {
        const [pair, client] = [valid(), valid()]
        const maximo = await served(pair, { clientCa: [client.cert], users: users(client) })
        const trust = { ca: [pair.cert], certificates: [mounted(client)] }
        return { maximo, trust, shown: thumbprintOf(client) }
      }
      const forPlanner = (client: Pair) => new Map([[thumbprintOf(client), 'planner@example.com']])

      test('is shown by the credential that names it, and by no other', async () => {
        const { maximo, trust, shown } = await mutual(() => new Map())
        expect(await asking(maximo, trust, { shown })).toMatchObject({ userName: 'WILSON' })
        const before = maximo.simulator.requests()
        expect(await faultOf(asking(maximo, trust))).toMatchObject({
          kind: expect.stringMatching(/unreachable|bad_upstream/),
        })
        expect(maximo.simulator.requests()).toBe(before)
      })

      test('alone is a whole credential: it reads and writes as its user, and no other proof goes along', async () => {
        const { maximo, trust, shown } = await mutual(forPlanner)
        const { client, writer } = maximoOf(maximo, trust, { shown, isAlone: true })
        expect(await client.whoAmI(aCall())).toMatchObject({ userName: 'WILSON' })
        expect(await client.query(ASSETS, aCall())).toMatchObject({ ok: true })
        const made = await writer.create(
          {
            objectStructure: 'MXAPIWODETAIL',
            values: { siteid: 'BEDFORD', description: 'Leak', location: 'BR230' },
          },
          aCall(),
        )
        expect(made).toMatchObject({ kind: 'done' })
        const seen = maximo.simulator.requests.seen()
        expect(new Set(seen.map(({ userId }) => userId))).toEqual(new Set(['WILSON']))
        expect(seen.flatMap(({ proofs }) => proofs)).toEqual([])
      })

      test('that stands for nobody is a credential that Maximo rejects', async () => {
        const { maximo, trust, shown } = await mutual(() => new Map())
        const asked = asking(maximo, trust, { shown, isAlone: true })
        expect(await faultOf(asked)).toMatchObject({ kind: 'credentials_rejected', code: 'BMXAA0021E' })
      })

      test('that is not mounted (any longer) is refused before anything is sent', async () => {
        const { maximo, trust, shown } = await mutual(forPlanner)
        const asked = asking(maximo, { ...trust, certificates: [] }, { shown, isAlone: true })
        expect(await faultOf(asked)).toMatchObject({ kind: 'egress_refused', detail: 'certificate' })
        expect(maximo.simulator.requests()).toBe(0)
      })
    })
  },
)
