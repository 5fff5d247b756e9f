import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { Agent, type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { scratchFolder } from '../support/folder.ts'
import { LAVISH_LIMITS } from '../support/mcp/lavish-limits.ts'
import { ALICE, McpWorld } from '../support/mcp/mcp-world.ts'
import { outlivingYouth } from '../support/old-generation.ts'

/** Of a header of each request: where requests are still there, so many bytes are there of each. */
const BYTES = 8_000

test(
  'of a request that was answered nothing is left for the old generation',
  { timeout: 60_000 },
  async () => {
    const limitsFile = join(await scratchFolder(), 'limits.json')
    await writeFile(limitsFile, JSON.stringify(LAVISH_LIMITS))
    const world = await McpWorld.start({ LIMITS_FILE: limitsFile })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    try {
      const authorization = `Bearer ${await world.token(await world.attest(ALICE))}`
      const params = { name: 'find_tools', arguments: { query: 'work orders' } }
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })
      let sent = 0
      const outliving = await outlivingYouth(200, async () => {
        sent += 1
        const headers = {
          ...{ authorization, 'content-type': 'application/json', 'mcp-protocol-version': '2025-06-18' },
          ...{ accept: 'application/json, text/event-stream', 'x-much': String(sent).padEnd(BYTES, 'x') },
        }
        const asked = request(`${world.mcpUrl}/mcp`, { agent, method: 'POST', headers }).end(body)
        const [answer] = (await once(asked, 'response')) as [IncomingMessage]
        expect([answer.statusCode, await text(answer)]).toEqual([
          200,
          expect.stringContaining('search_work_orders'),
        ])
      })
      expect(outliving).toBeLessThan(BYTES)
    } finally {
      agent.destroy()
      await world.close()
    }
  },
)
