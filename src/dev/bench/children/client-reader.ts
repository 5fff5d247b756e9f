import { CallController } from '../../../kernel/call-signal.ts'
import { systemClock } from '../../../kernel/clock.ts'
import { randomId } from '../../../kernel/random.ts'
import { Secret } from '../../../kernel/secret.ts'
import { createMaximoClient } from '../../../maximo/client.ts'
import { openEgress } from '../../../maximo/egress/egress.ts'
import type { Query } from '../../../maximo/query/query.ts'
import { announceReader } from '../client/reader.ts'
import { FIELDS, OBJECT_STRUCTURE, SITE, type WorkOrder } from '../workload.ts'

/** Our client as the tools use it: every read compiled, guarded, bounded in time and checked. */
const egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock: systemClock })
const client = createMaximoClient({
  environment: {
    baseUrl: process.env['BENCH_UPSTREAM'] ?? '',
    method: 'apikey',
    credential: new Secret(process.env['BENCH_API_KEY'] ?? ''),
  },
  egress,
  clock: systemClock,
})

const askedAnew = (): Query => ({
  objectStructure: OBJECT_STRUCTURE,
  all: [{ field: 'siteid', op: 'eq', value: SITE }],
  select: { fields: FIELDS },
  orderBy: [{ field: 'wonum', direction: 'asc' }],
  pageSize: 200,
  count: true,
})

await announceReader(async () => {
  const page = await client.query(askedAnew(), { signal: new CallController(), correlationId: randomId() })
  if (!page.ok) throw new Error(page.error.map(({ message }) => message).join(' '))
  return page.value.records.map(({ values }) => values as WorkOrder)
})
