import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { namesOf } from '../support/mcp/client-host.ts'
import { authorizeUrl, CALLBACK, registerClient, askToken } from '../support/oauth/oauth-client.ts'
import { askPortal, type PortalWorld, startPortalWorld } from '../support/portal-world.ts'

/*
 * T-51 with the rules of production: a DNS of our own says where names lead, and a listener on this machine counts who
 * comes. No address here may be connected to, whichever way it is written or found.
 */

/** Special-use addresses by the IANA registries, and ways to write the ones that matter in others. */
const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  'this-network': ['0.0.0.0'],
  loopback: ['127.0.0.1'],
  'loopback-high': ['127.255.255.254'],
  'private-10': ['10.0.0.1'],
  'private-172': ['172.16.0.1'],
  'private-192': ['192.168.1.1'],
  'link-local': ['169.254.1.1'],
  'cloud-metadata': ['169.254.169.254'],
  'azure-wire-server': ['168.63.129.16'],
  'carrier-nat': ['100.64.0.1'],
  'protocol-assignments': ['192.0.0.8'],
  documentation: ['192.0.2.1'],
  benchmark: ['198.18.0.1'],
  multicast: ['224.0.0.1'],
  reserved: ['240.0.0.1'],
  broadcast: ['255.255.255.255'],
  'v6-loopback': ['::1'],
  'v6-unspecified': ['::'],
  'v6-unique-local': ['fd00::1'],
  'v6-link-local': ['fe80::1'],
  'v6-site-local': ['fec0::1'],
  'v6-multicast': ['ff02::1'],
  'v6-documentation': ['2001:db8::1'],
  'v6-mapped': ['::ffff:127.0.0.1'],
  'v6-mapped-hex': ['::ffff:7f00:1'],
  'v6-compatible': ['::127.0.0.1'],
  'v6-nat64': ['64:ff9b::7f00:1'],
  'v6-nat64-local': ['64:ff9b:1::7f00:1'],
  'v6-6to4': ['2002:7f00:1::1'],
  'v6-teredo': ['2001:0:7f00:1::1'],
  'v6-discard': ['100::1'],
  'one-bad-among-good': ['93.184.215.14', '127.0.0.1'],
  'bad-first': ['127.0.0.1', '93.184.215.14'],
  'v6-bad-beside-v4-good': ['93.184.215.14', '::1'],
}

let listener: Server
let port: number
let connections = 0
let lookups: string[] = []
let world: PortalWorld
beforeAll(async () => {
  listener = createServer((socket) => {
    connections += 1
    socket.destroy()
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
  const lookup = namesOf((hostname) => {
    lookups.push(hostname)
    return ADDRESSES[hostname.replace(/\.ssrf\.test$/, '')] ?? []
  })
  world = await startPortalWorld({
    seeded: false,
    env: { TRUSTED_PROXIES: '127.0.0.1,::1', FAILED_AUTH_MAX: '1000' },
    remote: { lookup, deadlineMs: 1_000 },
  })
})
afterAll(async () => {
  await world.close()
  listener.close()
})

let askers = 0
async function authorize(id: string) {
  askers += 1
  const url = authorizeUrl(world, { id })
  const headers = { 'x-forwarded-for': `203.0.113.${askers % 256}` }
  const answer = await askPortal(world, url.slice(world.portalUrl.length), { headers })
  return { status: answer.status, location: answer.headers['location'], text: String(answer.body) }
}

describe('T-51: a client id that leads inside', () => {
  test.each(Object.keys(ADDRESSES))('by its name: %s', async (name) => {
    for (const suffix of ['/client.json', `:${port}/client.json`].map(
      (rest) => `https://${name}.ssrf.test${rest}`,
    )) {
      expect(await authorize(suffix)).toMatchObject({ status: 400, location: undefined })
    }
    expect(lookups).toContain(`${name}.ssrf.test`)
    expect(connections).toBe(0)
  })

  test.each([
    'https://127.0.0.1/client.json',
    'https://127.0.0.1:8443/client.json',
    'https://127.1/client.json',
    'https://2130706433/client.json',
    'https://0x7f.1/client.json',
    'https://0177.0.0.1/client.json',
    'https://0/client.json',
    'https://[::1]/client.json',
    'https://[::ffff:127.0.0.1]/client.json',
    'https://[::ffff:7f00:1]/client.json',
    'https://[64:ff9b::7f00:1]/client.json',
    'https://[fe80::1%25eth0]/client.json',
    'https://169.254.169.254/latest/meta-data/',
    'https://①②⑦.⓪.⓪.①/client.json',
    'https://127。0。0。1/client.json',
    'https://localhost/client.json',
    'https://localhost./client.json',
    'https://app.localhost/client.json',
    'https://redis/client.json',
    'https://loopback.ssrf.test./client.json',
    'https://LOOPBACK.ssrf.test/client.json',
    'https://loopback.ssrf.test:443/client.json',
    'https://loopback.ssrf.test:22/client.json',
    'https://loopback.ssrf.test:6379/client.json',
    'https://user@loopback.ssrf.test/client.json',
    'https://user:secret@loopback.ssrf.test/client.json',
    'https://good.example@loopback.ssrf.test/client.json',
    'https://good.example\\@loopback.ssrf.test/client.json',
    'https://good.example#@loopback.ssrf.test/client.json',
    'https://loopback.ssrf.test/client.json#fragment',
    'https://loopback.ssrf.test/client.json?query',
    'https://loopback.ssrf.test/client.json?',
    'https://loopback.ssrf.test/',
    'https://loopback.ssrf.test',
    'https://loopback.ssrf.test/a/../client.json',
    'https://loopback.ssrf.test/a/./client.json',
    'https://loopback.ssrf.test/%2e%2e/client.json',
    'https://loopback.ssrf.test/a b',
    'https:/loopback.ssrf.test/client.json',
    'https:loopback.ssrf.test/client.json',
    'https:\\\\loopback.ssrf.test\\client.json',
    'https://xn--loopback-x1a.ssrf.test/client.json',
    'https://under_score.ssrf.test/client.json',
    `https://loopback.ssrf.test/${'a'.repeat(500)}`,
    'http://loopback.ssrf.test/client.json',
    'HTTPS://loopback.ssrf.test/client.json',
    'file:///etc/passwd',
    'ftp://loopback.ssrf.test/client.json',
    'data:application/json,{}',
  ])('%s reaches no name server', async (id) => {
    lookups = []
    expect(await authorize(id)).toMatchObject({ status: 400, location: undefined })
    expect(lookups).toEqual([])
    expect(connections).toBe(0)
  })

  test('a name that was good once and leads inside later is refused then', async () => {
    const table = ADDRESSES as Record<string, readonly string[]>
    // The flip of a rebinding attack: one look per fetch, and what it finds is what is connected to.
    table['rebinding'] = ['93.184.215.14', '127.0.0.1']
    lookups = []
    expect((await authorize(`https://rebinding.ssrf.test:${port}/client.json`)).status).toBe(400)
    table['rebinding'] = ['127.0.0.1']
    expect((await authorize(`https://rebinding.ssrf.test:${port}/client.json`)).status).toBe(400)
    expect(lookups).toEqual(['rebinding.ssrf.test', 'rebinding.ssrf.test'])
    expect(connections).toBe(0)
  })
})

test('T-51: keys at an address that leads inside are not fetched either, and refuse nobody', async () => {
  const jwks_uri = `https://loopback.ssrf.test:${port}/jwks.json`
  const metadata = { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'private_key_jwt', jwks_uri }
  const client = await registerClient(world, metadata)
  const answer = await askToken(world, {
    grant_type: 'refresh_token',
    refresh_token: 'x',
    client_id: client.id,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: 'a.b.c',
  })
  expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } })
  expect(connections).toBe(0)
})
