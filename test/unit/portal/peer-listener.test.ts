import { afterEach, expect, test } from 'vitest'
import type { FastifyInstance } from 'fastify'
import { journalFetch } from '../../../src/crypto/internal-api.ts'
import { signCall } from '../../../src/crypto/internal-call.ts'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'
import { buildPeerListener } from '../../../src/portal/peers/listener.ts'
import { auditKit } from '../../support/audit.ts'
import { openWorkshop } from '../../support/crypto/token-workshop.ts'
import { scratchFolder } from '../../support/folder.ts'
import { captureLog } from '../../support/log.ts'
import { faultyDisk } from '../../support/store/disk.ts'

const toEnd: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of toEnd.splice(0).reverse()) await end()
})

test('what cannot be recorded is not answered: 503 without a word of the disk, to whoever asks', async () => {
  const shop = await openWorkshop()
  toEnd.push(() => shop.close())
  const disk = faultyDisk()
  const audit = await (await auditKit()).open('portal', await scratchFolder(), { disk })
  toEnd.push(() => audit.close())
  const { clock } = shop
  const app: FastifyInstance = await buildPeerListener({
    ...{ instanceId: 'portal-1', keys: shop.portal, store: new MemoryStore(clock), audit, clock },
    ...{ log: captureLog().log, tls: undefined },
    recorder: {
      accept: () => Promise.resolve(null),
      read: () => Promise.resolve({ state: 'lines', lines: [], more: false }),
    },
  })
  toEnd.push(() => app.close())
  const signer = shop.portal.peer.active
  if (signer === undefined) throw new Error('the portal has no peer key')
  const body = { writer: 'portal-2', after: { n: 0, hash: 'portal-2' } }
  const ask = async (payload?: string) =>
    app.inject({
      ...{ method: 'POST', url: journalFetch.path, headers: { 'content-type': 'application/jose' } },
      payload:
        payload ??
        (await signCall({
          path: journalFetch.path,
          audience: 'portal-1',
          issuer: 'portal-2',
          body,
          signer,
          clock,
        })),
    })
  expect((await ask()).statusCode).toBe(200)
  expect((await ask('not.a.call')).statusCode).toBe(401)
  disk.failWith('ENOSPC')
  for (const answer of [await ask(), await ask('not.a.call')]) {
    expect([answer.statusCode, answer.headers['retry-after'], answer.body]).toEqual([
      503,
      '1',
      '{"error":"disk"}',
    ])
  }
  disk.failWith(null)
})
