import { describe, expect, test } from 'vitest'
import {
  detection,
  detectionSettled,
  detectionsFound,
  MAX_NOTICED,
  noticedDetection,
  noticedOf,
  RULES,
  SEVERITY,
  shownDetection,
  type KeptDetection,
} from '../../../src/crypto/detection.ts'
import { findDisagreements, ID, NATURAL, oneOf, orNull, POSITIVE, text } from '../../support/crypto/bounds.ts'
import { without } from '../../support/crypto/token-workshop.ts'

const DETECTION = {
  ...{
    id: 'A'.repeat(22),
    rule: 'error_rate' as const,
    subject: { kind: 'grant' as const, id: 'x' },
    owners: ['user_1'],
  },
  ...{ atMs: 1, untilMs: 2, count: 3, limit: 4.5, windowMs: 5, correlationIds: ['c'] },
  ...{ addresses: ['192.0.2.1'], tool: 'get_asset', environmentId: 'production' },
} as const
const BOUNDS = {
  ...{ id: ID, rule: oneOf(...RULES), 'subject.id': text(0, 512), 'owners.0': text(1, 100) },
  'subject.kind': oneOf('address', 'client', 'grant', 'environment', 'everywhere'),
  ...{ atMs: POSITIVE, untilMs: POSITIVE, count: NATURAL, windowMs: NATURAL },
  limit: { takes: [0, 0.5, 7], refuses: [-1, '0', null] },
  ...{ 'correlationIds.0': text(0, 100), 'addresses.0': text(0, 64) },
  ...{ tool: text(0, 64), environmentId: text(0, 64) },
}
const optional = ['tool', 'environmentId']
/** The bounds of some members alone. */
const boundsWithout = (...paths: readonly string[]) =>
  Object.fromEntries(Object.entries(BOUNDS).filter(([path]) => !paths.includes(path)))

describe('a detection has these members, within these bounds', () => {
  test('as it is journaled', () => {
    const shape = { schema: detection, whole: DETECTION, bounds: BOUNDS, optional }
    expect(findDisagreements(shape)).toEqual([])
  })

  test('as the audit log shows it: without whom it concerns', () => {
    const whole = without(DETECTION, 'owners')
    const shape = { schema: shownDetection, whole, bounds: boundsWithout('owners.0'), optional }
    expect(findDisagreements(shape)).toEqual([])
  })

  test('as an owner is told of it', () => {
    const whole = { ...without(DETECTION, 'owners', 'correlationIds', 'untilMs'), more: 0 }
    const bounds = { ...boundsWithout('owners.0', 'correlationIds.0', 'untilMs'), more: orNull(NATURAL) }
    expect(findDisagreements({ schema: noticedDetection, whole, bounds, optional })).toEqual([])
  })

  test('as its end is journaled', () => {
    const whole = { id: DETECTION.id, more: 0 }
    const shape = { schema: detectionSettled, whole, bounds: { id: ID, more: NATURAL } }
    expect(findDisagreements(shape)).toEqual([])
  })

  test('and so many of each', () => {
    const takes = (over: object): boolean => detection.safeParse({ ...DETECTION, ...over }).success
    for (const [name, most, one] of [
      ['owners', 10, 'user_1'],
      ['correlationIds', 5, 'c'],
      ['addresses', 5, '192.0.2.1'],
    ] as const) {
      const counts = [0, most, most + 1].map((count) => takes({ [name]: Array(count).fill(one) }))
      expect(counts, name).toEqual([true, true, false])
    }
  })
})

test('how grave each rule is', () => {
  expect(SEVERITY).toEqual({
    ...{ failed_sign_ins: 'high', unusual_hours: 'medium', data_volume: 'high', new_address: 'medium' },
    ...{ scope_escalation: 'critical', error_rate: 'high' },
  })
})

describe('what an owner is told', () => {
  const kept: KeptDetection[] = Array.from({ length: MAX_NOTICED + 1 }, (_one, index) => ({
    ...{ ...DETECTION, owners: ['user_1', 'user_2'], correlationIds: ['c'], addresses: ['192.0.2.1'] },
    ...{ count: index, more: index === 0 ? null : index },
  }))

  test('the newest, as many as there is room for, and nothing of the others', () => {
    const told = noticedOf(kept)
    expect(told).toHaveLength(MAX_NOTICED)
    expect(told).toEqual(
      kept.slice(0, MAX_NOTICED).map((one) => without(one, 'owners', 'correlationIds', 'untilMs')),
    )
    expect(noticedOf([])).toEqual([])
  })

  test('between the services: for one person, twelve at most, nothing else beside them', () => {
    const asked = { schema: detectionsFound.ask, whole: { sub: 'user_1' }, bounds: { sub: text(1, 100) } }
    expect([detectionsFound.path, findDisagreements(asked)]).toEqual(['/internal/detections', []])
    const takes = (answer: object): boolean => detectionsFound.answer.safeParse(answer).success
    const detections = noticedOf(kept)
    expect([
      ...[takes({ detections }), takes({ detections: [] }), takes({ detections, more: 1 }), takes({})],
      takes({ detections: [...detections, ...detections] }),
    ]).toEqual([true, true, false, false, false])
  })
})
