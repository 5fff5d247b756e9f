import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { visible } from '../../src/mcp/tools/result/visible.ts'
import { openPlantDoor, type PlantDoor } from '../support/maximo/plant-door.ts'
import { aReader, type Reader } from '../support/mcp/resource-reader.ts'
import { aReceipt } from '../support/crypto/token-workshop.ts'

const ENV = aReceipt().env
const at = (path: string): string => `maximo://${ENV}/${path}`

/** Each with the class that it is answered with. */
const POISONED: readonly (readonly [name: string, uri: string, kind: string])[] = [
  ['a dot segment', at('schema/../record/mxapiasset/1'), 'invalid_input'],
  ['an encoded dot segment', at('schema/%2e%2e/mxapiasset'), 'invalid_input'],
  ['an empty segment', at('schema//mxapiasset'), 'invalid_input'],
  ['a slash at the end', at('schema/mxapiasset/'), 'invalid_input'],
  ['an encoded slash in a name', at('schema/mxapiasset%2Fx'), 'invalid_value'],
  ['a slash that is encoded twice', at('schema/mxapiasset%252Fx'), 'invalid_value'],
  ['a backslash', at('schema\\mxapiasset'), 'invalid_input'],
  ['a query', at('schema/mxapiasset?lean=1'), 'invalid_input'],
  ['a fragment', at('schema/mxapiasset#x'), 'invalid_input'],
  ['a user', `maximo://me@${ENV}/schema/mxapiasset`, 'invalid_input'],
  ['a port', `maximo://${ENV}:80/schema/mxapiasset`, 'invalid_input'],
  ['broken percent-encoding', at('schema/mx%zz'), 'invalid_input'],
  ['a half of UTF-8', at('schema/mx%c3'), 'invalid_input'],
  ['a nought byte', at('record/mxapiasset/1%00'), 'invalid_input'],
  ['a line break', at('record/mxapiasset/1%0d%0aX'), 'invalid_input'],
  ['a mark that reverses', at('record/mxapiasset/%E2%80%AE11'), 'invalid_input'],
  ['a mark without width', at('domain/WO%E2%80%8BSTATUS'), 'invalid_input'],
  ['letters of another script', at('schema/m%D1%85apiasset'), 'invalid_value'],
  ['raw letters of another script', at('schema/mхapiasset'), 'invalid_input'],
  ['white space', at('schema/mxapiasset '), 'invalid_input'],
  ['over-long', at(`record/mxapiasset/${'1'.repeat(3_000)}`), 'invalid_input'],
  ['too many segments', at('schema/mxapiasset/status'), 'not_found'],
  ['another kind', at('secrets/mxapiasset'), 'not_found'],
  ['a prototype', at('__proto__/constructor'), 'not_found'],
  ['another scheme', 'file:///etc/passwd', 'not_found'],
  ['a scheme that begins alike', `maximo2://${ENV}/schema/mxapiasset`, 'not_found'],
  ['another environment', 'maximo://Q3VzdG9tZXJPdGhlcjEyMw/schema/mxapiasset', 'invalid_value'],
  ['another environment with a guide', 'maximo://Q3VzdG9tZXJPdGhlcjEyMw/guide/errors', 'invalid_value'],
]

let plant: PlantDoor
let reader: Reader
beforeAll(async () => {
  plant = await openPlantDoor()
  // Of the older era, since headers of the newer one repeat the address and cannot hold all of these.
  reader = await aReader(plant, { era: 'legacy' })
})
afterAll(() => plant.close())

describe('an address that means harm', () => {
  test.each(POISONED)('%s', async (_name, uri, kind) => {
    const before = plant.simulator.requests()
    const { error, result } = await reader.send('resources/read', { uri })
    expect(result).toBeUndefined()
    expect(error?.code).toBe(-32602)
    expect(error?.message).toMatch(new RegExp(`^${kind}: `))
    expect(visible(error?.message ?? '')).toBe(error?.message)
    expect(plant.simulator.requests()).toBe(before)
  })

  test('a clause in a key finds nothing and is no clause', async () => {
    const { error } = await reader.send('resources/read', {
      uri: at('record/mxapiasset/BEDFORD%2F11%22%20or%201%3D1'),
    })
    expect(error?.message).toMatch(/^(?:invalid_value|not_found): /)
    const seen = plant.simulator.requests.seen().map(({ query }) => decodeURIComponent(query))
    expect(seen.filter((query) => /or 1=1/.test(query))).toEqual([])
  })

  test('another environment is refused by its name and ours', async () => {
    const { error } = await reader.send('resources/read', { uri: 'maximo://Elsewhere/schema/mxapiasset' })
    expect(error?.message).toMatch(
      /names the environment "Elsewhere", but this connection reaches "\S+" only/,
    )
  })
})
