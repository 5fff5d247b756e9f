import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { knownReasons } from '../../../src/maximo/http/reason-kinds.ts'
import { faultProblem } from '../../../src/mcp/tools/problem/fault-problem.ts'
import { explainedCodes } from '../../../src/mcp/tools/problem/reason-sentences.ts'
import { problemText } from '../../../src/mcp/tools/problem/tool-problem.ts'
import { aCall, clientFor, faultOf, scriptedMaximo, sendJson } from '../maximo/support/scripted-maximo.ts'

/** Every code of maximo-api §7, and those of its other sections that a reading or writing client meets. */
const CODES = `
  0011E 0020E 0021E 0025E 0026E 0033I 4122E 7901E 7902E 9549E 2283E 5646I 9486E
  1671I 0024E 9051E 9301E
  1283E 4187E 4216E 8727E 8807E 9510E
  10051E 4185E 8741E 8742E 8744E 8815E 8823E
  2249E 7387E
  4200E 8229W 9524E
  0032E 0090E 0130E 1872E 2661E 4049E 4129E 4147E 4153E 4190E 4195E 4198E 4510E 4590E 4638E 4679E 4721E 4722E
  5598E 8284E 9766E 9860E
  0578E`
  .trim()
  .split(/\s+/)
  .map((code) => `BMXAA${code}`)

const page = readFileSync(join(import.meta.dirname, '../../../docs/maximo-errors.md'), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `BMX'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, code = '', kind = '', cause = '', remedy = '']) => ({
    code: code.replaceAll('`', ''),
    kind: kind.replaceAll('`', ''),
    cause,
    remedy,
  }))

describe('the table of reason codes', () => {
  test('has a row for every code, and every code has a kind and sentences', () => {
    expect(rows.map(({ code }) => code).sort()).toEqual([...CODES].sort())
    expect([...knownReasons()].sort()).toEqual([...CODES].sort())
    expect([...explainedCodes()].sort()).toEqual([...CODES].sort())
  })

  test.each(rows)('$code: the error that a caller reads has this cause and this remedy', async (row) => {
    const { code } = row
    const maximo = await scriptedMaximo((_, response) =>
      sendJson(response, { Error: { reasonCode: code, message: `${code} - x`, statusCode: '400' } }, 400),
    )
    const fault = await faultOf(clientFor(maximo.baseUrl).whoAmI(aCall()))
    const text = problemText(faultProblem(fault), 'id-1')
    expect(text).toMatch(new RegExp(`^${row.kind}: `))
    expect(text).toContain(row.cause)
    expect(text).toContain(`What to do: ${row.remedy}\n`)
    expect(text).toContain(code)
  })

  test('a cause behind another one is the one that is explained', async () => {
    const message = 'BMXAA4590E - Could not change the status.\n\tBMXAA0032E - The status is the same.'
    const maximo = await scriptedMaximo((_, response) =>
      sendJson(response, { Error: { reasonCode: 'BMXAA4590E', message, statusCode: '400' } }, 400),
    )
    const fault = await faultOf(clientFor(maximo.baseUrl).whoAmI(aCall()))
    expect(fault).toMatchObject({ kind: 'refused', code: 'BMXAA4590E', innerCode: 'BMXAA0032E' })
    const { what, why } = faultProblem(fault)
    expect(what).toContain('The record has this status already.')
    expect(why).toBe("Maximo's reason code is BMXAA4590E because of BMXAA0032E.")
  })
})
