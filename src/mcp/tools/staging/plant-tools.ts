import { z } from 'zod'
import { err, ok } from '../../../kernel/result.ts'
import { WORK_ORDERS } from '../work/search-work-orders.ts'
import { alreadySo, assetOfOrder } from './order-asset.ts'
import { code, given, instant, site, wonum } from './inputs.ts'
import { METERS, onlyRecord } from './only-record.ts'
import { stagingTool } from './staging-tool.ts'

/** Assets, meters and stock. */
const BALANCES = 'MXAPIINVBAL'

export const recordMeterReading = stagingTool({
  toolset: 'assets_write',
  objectStructure: METERS,
  risk: 'low',
  name: 'record_meter_reading',
  title: 'Record a meter reading',
  does: 'Records a reading of an asset’s meter; the diff shows the last one.',
  input: {
    asset: code,
    meter: code,
    value: z.string().min(1).max(18).describe('as text, numbers too'),
    read_at: instant.optional(),
    site,
  },
  async proposals({ asset, meter, value, read_at: newreadingdate, site: where }, context) {
    const filter = { assetnum: asset.toUpperCase(), metername: meter.toUpperCase() }
    const record = await onlyRecord(
      { object: METERS, filter, where, what: `meter ${meter} of asset ${asset}`, fields: ['lastreading'] },
      context,
    )
    if (!record.ok) return record
    const { id, values: found } = record.value
    const last = found['lastreading']
    const isLower = typeof last === 'string' && Number(value) < Number(last)
    const values = given({ newreading: value, newreadingdate })
    return ok({
      proposals: [{ op: 'update', object: METERS, record: id, values }],
      notes: isLower ? [`It is lower than the last reading, ${last}: a rollover, or a mistake.`] : [],
    })
  },
})

export const moveAsset = stagingTool({
  toolset: 'assets_write',
  objectStructure: 'MXAPIASSET',
  name: 'move_asset',
  title: 'Move an asset',
  does: 'Moves an asset to another location of its site.',
  input: { asset: code, to_location: code, site },
  proposals: ({ asset, to_location, site: where }) => ({
    proposals: [
      {
        ...{ op: 'action', object: 'MXAPIASSET', record: asset, site: where, method: 'moveSingleAsset' },
        parameters: { newlocation: to_location.toUpperCase() },
      },
    ],
  }),
})

export const reportDowntime = stagingTool({
  toolset: 'assets_write',
  objectStructure: WORK_ORDERS,
  name: 'report_downtime',
  title: 'Report asset downtime',
  does: 'Reports that the asset of a work order went down, or is up again.',
  input: {
    wonum,
    state: z.enum(['down', 'up']),
    at: instant,
    code: code.optional().describe('downtime code'),
    site,
  },
  async proposals({ wonum: record, state, at, code: reason, site: where }, context) {
    const found = await assetOfOrder({ record, site: where }, context)
    if (!found.ok) return found
    const { assetnum, isRunning, orderId } = found.value
    if (isRunning === (state === 'up')) return err(alreadySo(assetnum, state))
    const parameters = { statuschangedate: at, statuschangecode: reason ?? '', operational: '1' }
    const values = state === 'down' ? { startdate: at } : { enddate: at }
    return ok({
      proposals: [
        {
          ...{ op: 'action', object: WORK_ORDERS, record: orderId, method: 'downtimereport', parameters },
          leaves: { child: 'moddowntimehist', values },
        },
      ],
      notes: [
        `From ${at} on, asset ${assetnum} is ${state}: Maximo turns what it has now, ${state === 'down' ? 'running' : 'down'}, into the other.`,
      ],
    })
  },
})

export const recordPhysicalCount = stagingTool({
  toolset: 'inventory_write',
  objectStructure: BALANCES,
  name: 'record_physical_count',
  title: 'Record a physical count',
  does: 'Records what was counted in a storeroom; an authorized person reconciles the balance in Maximo.',
  input: {
    item: code,
    storeroom: code,
    bin: code.optional(),
    count: z.number().min(0).max(1_000_000),
    counted_at: instant.optional(),
    site,
  },
  async proposals({ item, storeroom, bin, count, counted_at, site: where }, context) {
    const filter = {
      itemnum: item.toUpperCase(),
      location: storeroom.toUpperCase(),
      ...(bin !== undefined && { binnum: bin }),
    }
    const record = await onlyRecord(
      { object: BALANCES, filter, where, what: `balance of ${item} in ${storeroom}` },
      context,
    )
    if (!record.ok) return record
    const values = given({ physcnt: count, physcntdate: counted_at })
    return ok({ proposals: [{ op: 'update', object: BALANCES, record: record.value.id, values }] })
  },
})
