import { Pool } from 'undici'
import { announceReader, READERS } from '../client/reader.ts'
import { upstreamPath, type WorkOrder } from '../workload.ts'

/** Nothing but undici: a request, and the JSON of its answer. */
const upstream = new URL(process.env['BENCH_UPSTREAM'] ?? '')
const pool = new Pool(upstream.origin, { connections: READERS })
const headers = { apikey: process.env['BENCH_API_KEY'] ?? '', accept: 'application/json' }
const path = `${upstream.pathname}${upstreamPath}`

await announceReader(async () => {
  const answer = await pool.request({ method: 'GET', path, headers })
  const page = JSON.parse(await answer.body.text()) as { member: WorkOrder[] }
  return page.member
})
