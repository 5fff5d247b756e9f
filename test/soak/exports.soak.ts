import { afterAll, expect, test } from 'vitest'
import type { Simulator } from '../../src/dev/simulator/contract.ts'
import { createOracle } from '../../src/dev/simulator/oracle.ts'
import { startSimulator } from '../../src/dev/simulator/simulator.ts'
import { openDoor, type McpDoor } from '../support/mcp/mcp-door.ts'
import { aReader, type Reader } from '../support/mcp/resource-reader.ts'
import { figure, heapInUse, timed } from '../support/soak.ts'

/** The generated plant exported whole: 50,000 work orders with fifteen fields, some megabytes in all. */
const FIELDS = [
  ...['siteid', 'wonum', 'description', 'status', 'worktype', 'wopriority', 'assetnum', 'location'],
  ...['reportdate', 'targstartdate', 'targcompdate', 'actfinish', 'reportedby', 'estdur', 'statusdate'],
]
/** What a part may hold of memory beyond what was held before: its lines, the page they come from, the answer in JSON. */
const PART_LIMIT_MB = 60

let door: McpDoor | null = null
let simulator: Simulator | null = null
afterAll(async () => {
  await door?.close()
  await simulator?.close()
})

async function openLarge(): Promise<{ reader: Reader; expected: number }> {
  door = await openDoor()
  simulator = await startSimulator({ port: 0, clock: door.workshop.clock, size: 'large' })
  const reader = await aReader({ door, simulator }, { account: 'admin@example.com' })
  return { reader, expected: createOracle(simulator.plant).count('WORKORDER') }
}

interface Head {
  readonly next: string | null
  readonly total: number
  readonly complete: boolean
}

test('every row comes once, and no part holds more than its own', async () => {
  const { reader, expected } = await openLarge()
  const asked = { object: 'mxapiwodetail', site: '*', select: FIELDS, max_rows: 100_000 }
  const { content } = await reader.ask('tools/call', {
    name: 'call_read_tool',
    arguments: { tool: 'export_records', arguments: asked },
  })
  const started = JSON.parse((content as { text: string }[])[0]?.text ?? '') as {
    export: string
    total: number
  }
  expect(started.total).toBe(expected)

  const seen = new Set<string>()
  const before = heapInUse()
  let [parts, bytes, mostMb] = [0, 0, 0]
  let last: Head | null = null
  const { ms } = await timed(async () => {
    for (let next: string | null = started.export; next !== null;) {
      const { contents } = await reader.read(next)
      const text = contents[1]?.text ?? ''
      for (const line of text.split('\n').slice(parts === 0 ? 1 : 0, -1))
        seen.add(line.split(',', 2).join('/'))
      mostMb = Math.max(mostMb, (heapInUse() - before) / 1e6)
      parts += 1
      bytes += Buffer.byteLength(text)
      last = JSON.parse(contents[0]?.text ?? '') as Head
      next = last.next
    }
  })
  figure('export: rows', seen.size, '')
  figure('export: parts', parts, '')
  figure('export: CSV', bytes / 1e6, 'MB')
  figure('export: by the clock', ms / 1000, 's')
  figure('export: heap beyond the start, at most', mostMb, 'MB')
  expect(seen.size).toBe(expected)
  expect(last).toMatchObject({ complete: true, total: expected, next: null })
  expect(bytes).toBeGreaterThan(5e6)
  expect(parts).toBeGreaterThan(2)
  expect(mostMb).toBeLessThan(PART_LIMIT_MB)
})
