import { describe, expect, test } from 'vitest'
import { MaximoFault, type MaximoFaultKind } from '../../../src/maximo/fault.ts'
import { DEADLINE, faultProblem, INTERNAL } from '../../../src/mcp/tools/problem/fault-problem.ts'
import { problemText } from '../../../src/mcp/tools/problem/tool-problem.ts'

const UPSTREAM = 'ORA-00942 at com.ibm.tivoli <script>'

describe('every fault of Maximo becomes a sentence of ours', () => {
  test.each<[MaximoFaultKind, string]>([
    ['credentials_rejected', 'credentials_rejected'],
    ['not_permitted', 'not_permitted'],
    ['not_found', 'not_found'],
    ['invalid_query', 'invalid_query'],
    ['conflict', 'conflict'],
    ['refused', 'refused'],
    ['rate_limited', 'rate_limited'],
    ['unavailable', 'upstream_down'],
    ['timeout', 'upstream_slow'],
    ['bad_upstream', 'bad_upstream'],
    ['too_large', 'too_large'],
    ['maintenance', 'maintenance'],
    ['unreachable', 'upstream_down'],
    ['egress_refused', 'environment_refused'],
  ])('%s is %s, without a word of Maximo', (kind, shown) => {
    const fault = new MaximoFault(kind, {
      untrusted: UPSTREAM,
      detail: 'login_page',
      cause: new Error(UPSTREAM),
    })
    const text = problemText(faultProblem(fault), 'id-1')
    expect(text).toMatch(new RegExp(`^${shown}: .+\\.\\nWhat to do: .+\\nError id: id-1$`))
    for (const word of ['ORA', 'ibm', 'script', 'login_page']) expect(text).not.toContain(word)
  })

  test('a reason code, the object and a pause are names, and help', () => {
    const fault = new MaximoFault('not_permitted', {
      code: 'BMXAA9301E',
      objectStructure: 'MXAPIPO',
      retryAfterSeconds: 7,
    })
    expect(faultProblem(fault).why).toBe(
      "asked for MXAPIPO; Maximo's reason code is BMXAA9301E; it asks for a pause of 7 seconds.",
    )
  })
})

test('our own mistakes and deadlines say as little and as much', () => {
  expect(problemText(INTERNAL, 'e')).toContain('report the error id')
  expect(problemText(DEADLINE, 'e')).toMatch(/^upstream_slow: /)
})

test('an error text is bounded, and its id is never cut off', () => {
  const text = problemText({ kind: 'invalid_query', what: 'x'.repeat(9_000), why: null, next: 'y' }, 'the-id')
  expect(text.length).toBeLessThan(1_300)
  expect(text.endsWith('Error id: the-id')).toBe(true)
})
