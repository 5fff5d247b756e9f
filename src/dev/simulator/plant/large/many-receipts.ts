import { DAY_MS, HOUR_MS, type PlantBuilder } from '../builder.ts'
import type { Row } from '../plant.ts'

/** Days from the promised one, in turn: most lines come in time. */
const DELAYS = [-6, -1, 0, 3, -3, -2, 11, -9, -1, 1]

/** A receipt of every line that was received and has none yet; of some a part went back. */
export function addManyReceipts(plant: PlantBuilder): void {
  const have = new Set(
    plant.rows('MATRECTRANS').map((row) => `${String(row['siteid'])}/${String(row['ponum'])}`),
  )
  const orders = new Map(
    plant.rows('PO').map((row) => [`${String(row['siteid'])}/${String(row['ponum'])}`, row]),
  )
  for (const [index, line] of plant.rows('POLINE').entries()) {
    const key = `${String(line['siteid'])}/${String(line['ponum'])}`
    const order = orders.get(key)
    if (have.has(key) || order === undefined || line['receiptscomplete'] !== true) continue
    addReceipt(plant, { order, line, index })
  }
}

function addReceipt(
  plant: PlantBuilder,
  { order, line, index }: { readonly order: Row; readonly line: Row; readonly index: number },
): void {
  const delay = DELAYS[index % DELAYS.length] ?? 0
  const transdate = Date.parse(String(order['vendeliverydate'])) + delay * DAY_MS + 15 * HOUR_MS
  const receipt = {
    ...{
      ponum: line['ponum'],
      siteid: line['siteid'],
      positeid: line['siteid'],
      polinenum: line['polinenum'],
    },
    ...{ revisionnum: line['revisionnum'], itemnum: line['itemnum'], tostoreloc: line['storeloc'] },
    ...{ unitcost: line['unitcost'], enterby: 'QUINN' },
  }
  const quantity = Number(line['receivedqty'])
  plant.add('MATRECTRANS', {
    ...{ ...receipt, quantity, linecost: line['linecost'], issuetype: 'RECEIPT', transdate },
  })
  if (index % 23 === 0)
    plant.add('MATRECTRANS', {
      ...{ ...receipt, quantity: -1, linecost: -Number(line['unitcost']), issuetype: 'RETURN' },
      transdate: transdate + 5 * DAY_MS,
    })
}
