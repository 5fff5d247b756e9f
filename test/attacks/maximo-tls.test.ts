import { X509Certificate } from 'node:crypto'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type HostTrust, NO_TRUST, pinOf } from '../../src/maximo/egress/host-trust.ts'
import { certificate, hasOpenssl, type Pair } from '../unit/maximo/support/certificates.ts'
import { aCall, clientFor, faultOf, sendJson } from '../unit/maximo/support/scripted-maximo.ts'

if (!hasOpenssl()) console.warn('skipped: TLS tests need openssl on the PATH')

const valid = () => certificate('20200101000000Z', '20990101000000Z')
const expired = () => certificate('20200101000000Z', '20200102000000Z')
const pinIn = ({ cert }: Pair) => pinOf(new X509Certificate(cert))
const thumbprintOf = ({ cert }: Pair) =>
  Buffer.from(new X509Certificate(cert).fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')

/** A Maximo behind TLS; what it saw of its callers' certificates, one entry a request. */
async function served(pair: Pair, options: ServerOptions = {}) {
  const shown: string[] = []
  const server = createTlsServer({ ...pair, ...options }, (request, response) => {
    if (request.socket instanceof TLSSocket)
      shown.push(request.socket.getPeerX509Certificate()?.fingerprint256 ?? 'none')
    sendJson(response, { userName: 'WILSON' }, 200, { connection: 'close' })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, shown }
}

function clientOf(
  port: number,
  trust: Partial<HostTrust>,
  more: { certificate?: string; host?: string } = {},
) {
  const { host = 'x.localhost' } = more
  const unpinned: string[] = []
  const client = clientFor(`https://${host}:${port}/maximo`, {
    ...(more.certificate === undefined ? {} : { method: 'certificate', certificate: more.certificate }),
    egress: {
      trust: new Map([[host, { ...NO_TRUST, ...trust }]]),
      onUnpinned: (name) => unpinned.push(name),
      lookup: (_n, _o, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    },
  })
  return { client, unpinned }
}
const asking = (...args: Parameters<typeof clientOf>) => clientOf(...args).client.whoAmI(aCall())

describe.runIf(hasOpenssl() || process.env['CI'] === 'true')('TLS to Maximo', () => {
  test('a certificate of an authority that the operator named for this host is taken', async () => {
    const pair = valid()
    const { port } = await served(pair)
    expect(await asking(port, { ca: [pair.cert] })).toMatchObject({ userName: 'WILSON' })
  })

  test.each([
    ['self-signed', valid, 'x.localhost', false],
    ['for another name', valid, 'y.localhost', true],
    ['expired', expired, 'x.localhost', true],
  ])('one that is %s is refused', async (_name, make, host, isTrusted) => {
    const pair = make()
    const { port } = await served(pair)
    expect(await faultOf(asking(port, { ca: isTrusted ? [pair.cert] : [] }, { host }))).toMatchObject({
      kind: 'unreachable',
      detail: 'tls',
    })
  })

  test('TLS 1.1 is refused', async () => {
    const pair = valid()
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const
    const { port } = await served(pair, old)
    expect(await faultOf(asking(port, { ca: [pair.cert] }))).toMatchObject({ detail: 'tls' })
  })

  describe('a pinned key', () => {
    test('that the chain holds is taken, also as the backup, and on every connection', async () => {
      const [pair, spare] = [valid(), valid()]
      const { port } = await served(pair)
      const pins = [pinIn(spare), pinIn(pair)]
      const { client } = clientOf(port, { ca: [pair.cert], pins })
      for (let at = 0; at < 3; at += 1)
        expect(await client.whoAmI(aCall())).toMatchObject({ userName: 'WILSON' })
    })

    test('that it does not hold closes the connection before anything is sent', async () => {
      const [pair, other] = [valid(), valid()]
      const { port, shown } = await served(pair)
      const fault = await faultOf(asking(port, { ca: [pair.cert], pins: [pinIn(other)] }))
      expect(fault).toMatchObject({ kind: 'unreachable', detail: 'tls_pin' })
      expect(shown).toEqual([])
    })

    test('that is only watched is told, and the call goes on', async () => {
      const [pair, other] = [valid(), valid()]
      const { port } = await served(pair)
      const { client, unpinned } = clientOf(port, {
        ca: [pair.cert],
        pins: [pinIn(other)],
        isReportOnly: true,
      })
      expect(await client.whoAmI(aCall())).toMatchObject({ userName: 'WILSON' })
      expect(unpinned).toEqual(['x.localhost'])
    })

    test('is no excuse for a certificate that does not verify', async () => {
      const pair = valid()
      const { port } = await served(pair)
      expect(await faultOf(asking(port, { pins: [pinIn(pair)] }))).toMatchObject({ detail: 'tls' })
    })
  })

  describe('a client certificate of the operator', () => {
    const mutual = (client: Pair): ServerOptions => ({ requestCert: true, ca: [client.cert] })
    const mounted = (pair: Pair) => ({
      thumbprint: thumbprintOf(pair),
      name: 'plant',
      users: null,
      ...pair,
    })

    test('is shown by the credential that names it, and by no other', async () => {
      const [pair, client] = [valid(), valid()]
      const { port, shown } = await served(pair, mutual(client))
      const trust = { ca: [pair.cert], certificates: [mounted(client)] }
      await asking(port, trust, { certificate: thumbprintOf(client) })
      expect(shown).toEqual([new X509Certificate(client.cert).fingerprint256])
      expect(await faultOf(asking(port, trust))).toMatchObject({
        kind: expect.stringMatching(/unreachable|bad_upstream/),
      })
    })

    test('that is not mounted (any longer) is refused before anything is sent', async () => {
      const [pair, client] = [valid(), valid()]
      const { port, shown } = await served(pair, mutual(client))
      const fault = await faultOf(asking(port, { ca: [pair.cert] }, { certificate: thumbprintOf(client) }))
      expect(fault).toMatchObject({ kind: 'egress_refused', detail: 'certificate' })
      expect(shown).toEqual([])
    })
  })
})
