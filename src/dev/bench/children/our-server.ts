import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { initKeys } from '../../../crypto/keys/ceremony.ts'
import { systemClock } from '../../../kernel/clock.ts'
import { startMcp } from '../../../mcp/start.ts'
import { freePort } from '../../processes/free-port.ts'
import { waitUntilReady } from '../../up/ready.ts'
import { announce } from '../child.ts'
import { openMint } from '../mint-token.ts'
import { RAISED_LIMITS } from '../raised-limits.ts'
import { benchTools } from '../tools.ts'

/**
 * The product as it is deployed: admission by one store call, audit on disk before the answer. Only its limits are
 * raised, because the bench is one person with one token, and tools are added or left out to make the number.
 */
const dataDir = process.env['DATA_DIR'] ?? ''
const tools = Number(process.env['BENCH_TOOLS'] ?? '30')
const mcpUrl = `http://localhost:${await freePort()}`
const portalUrl = 'http://localhost:8080'

await mkdir(dataDir, { recursive: true })
await initKeys(dataDir, systemClock)
await writeFile(join(dataDir, 'limits.json'), JSON.stringify(RAISED_LIMITS))

await startMcp(
  {
    DATA_DIR: dataDir,
    PUBLIC_MCP_URL: mcpUrl,
    PUBLIC_PORTAL_URL: portalUrl,
    MCP_PORT: new URL(mcpUrl).port,
    MCP_INTERNAL_PORT: '0',
    REDIS_URL: process.env['REDIS_URL'],
    LIMITS_FILE: join(dataDir, 'limits.json'),
    CLERK_PUBLISHABLE_KEY: `pk_test_${Buffer.from('clerk.example.com$').toString('base64')}`,
    LOG_LEVEL: 'warn',
  },
  { catalog: benchTools(tools) },
)
await waitUntilReady([`${mcpUrl.replace('localhost', '127.0.0.1')}/readyz`])
const credential = {
  baseUrl: process.env['BENCH_UPSTREAM'] ?? '',
  apiKey: process.env['BENCH_API_KEY'] ?? '',
}
const mint = await openMint({ dataDir, portalUrl, mcpUrl, credential })
const whose = process.env['BENCH_SPARES_OF'] === 'newcomer' ? 'newcomer' : 'refreshed'
const spares: string[] = []
while (spares.length < Number(process.env['BENCH_SPARE_TOKENS'] ?? '0')) spares.push(await mint(whose))
await writeFile(join(dataDir, 'spares.json'), JSON.stringify(spares))
announce({ url: `${mcpUrl}/mcp`, token: await mint(), spares: join(dataDir, 'spares.json') })
