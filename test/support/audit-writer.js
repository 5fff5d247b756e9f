/*
 * Writes to an audit log as fast as it can until it is killed, and prints the id of every record that was acknowledged.
 * Arguments: the data folder with the keys, the first id.
 */
import { join } from 'node:path'
import { openAudit } from '../../dist/audit/audit.js'
import { signHead, verifyHead } from '../../dist/crypto/head-signature.js'
import { loadMcpKeys } from '../../dist/crypto/keys/key-ring.js'
import { systemClock } from '../../dist/kernel/clock.js'
import { createLog } from '../../dist/kernel/log.js'

const [dataDir = '', round = ''] = process.argv.slice(2)
const keys = await loadMcpKeys(join(dataDir, 'mcp', 'keys'))
const audit = await openAudit({
  ...{ folder: join(dataDir, 'mcp', 'audit'), instance: 'mcp-1', service: 'mcp', clock: systemClock },
  ...{ log: createLog({ service: 'mcp', level: 'silent' }), fileRecords: 5_000 },
  keys: {
    sign: (content) => signHead(content, keys),
    verify: (head) => verifyHead(head, keys.auditHead.verifiers),
    valueKey: keys.local.active.derive('mx-audit-values'),
  },
})
process.stdout.write('ready\n')
let next = 0
const writer = async () => {
  for (;;) {
    const id = `${round}-${(next += 1)}`
    await audit.write({
      ...{ eventType: 'mcp.call', outcome: 'success', operation: 'query_records', principal: 'user_1' },
      ...{ authMethod: 'oauth_token', resource: 'mxapiwodetail', action: 'tools/call', responseCode: 200 },
      ...{ sourceIP: '192.0.2.7', userAgent: 'claude/1.0', correlationId: id },
    })
    process.stdout.write(`${id}\n`)
  }
}
await Promise.all(Array.from({ length: 64 }, writer))
