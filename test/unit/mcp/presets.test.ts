import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PRESETS } from '../../../src/crypto/restrictions.ts'
import { objectRightsUnder } from '../../../src/mcp/admission/object-rights.ts'
import { readPresets } from '../../../src/mcp/admission/presets.ts'
import { loadPresets } from '../../../src/mcp/operator-files.ts'
import { scratchFolder } from '../../support/folder.ts'

const rights = objectRightsUnder(readPresets({}))
const read = (object: string) => ({ object, access: 'read' as const })
const write = (object: string) => ({ object, access: 'write' as const })

describe('what each preset allows', () => {
  test.each([
    ['@erp-readonly.1', [read('MXAPIPO'), read('MXAPIINVOICE'), read('MXAPIGLCOMP')]],
    ['@erp-write.1', [read('MXAPIPO'), write('MXAPIPO'), write('MXAPIRECEIPT')]],
    ['@iot-ingest.1', [write('MXAPIASSETMETER'), write('MXAPILOCATIONMETER')]],
    ['@reporting.1', [read('MXAPIWODETAIL'), read('ANYTHING_AT_ALL')]],
    ['@mobile.1', [read('MXAPIWODETAIL'), write('MXAPISR'), write('MXAPILABOR')]],
  ])('%s', (code, touches) => {
    expect(touches.filter((touch) => !rights(code).mayTouch(touch))).toEqual([])
  })

  test.each([
    ['@erp-readonly.1', [write('MXAPIPO'), read('MXAPIWODETAIL')]],
    ['@erp-write.1', [read('MXAPIINVOICE'), write('MXAPIWODETAIL')]],
    ['@iot-ingest.1', [read('MXAPIASSETMETER'), read('MXAPIASSET'), write('MXAPIASSET')]],
    ['@reporting.1', [write('MXAPIWODETAIL')]],
    ['@mobile.1', [read('MXAPIPO'), write('MXAPIASSET')]],
    // A version that nobody knows here.
    ['@reporting.2', [read('MXAPIWODETAIL')]],
    ['MXAPIPO:r MXAPIPR:w', [write('MXAPIPO'), read('MXAPIPR'), read('MXAPIP'), read('*')]],
  ])('and what %s does not', (code, touches) => {
    expect(touches.filter((touch) => rights(code).mayTouch(touch))).toEqual([])
  })

  test('own rules allow what they say', () => {
    const own = rights('MXAPIPO:r MXAPIPR:w MXAPISR:rw')
    const touches = [read('MXAPIPO'), write('MXAPIPR'), read('MXAPISR'), write('MXAPISR')]
    expect(touches.every((touch) => own.mayTouch(touch))).toBe(true)
    expect(own.mayTouch({ access: 'read' })).toBe(true)
    expect(rights('@reporting.1').mayTouch({ access: 'write' })).toBe(false)
  })
})

test('a built-in version is this for good, because tokens name it', () => {
  const presets = readPresets({})
  const erp = ['MXAPIPO', 'MXAPIRECEIPT', 'MXRECEIPT']
  const mobile = ['MXAPIWODETAIL', 'MXAPIWO', 'MXAPISR', 'MXAPILABOR', 'MXAPILABTRANS']
  expect(Object.fromEntries(PRESETS.map((preset) => [preset, presets.find(preset, 1)]))).toEqual({
    'erp-readonly': { read: ['MXAPIPO', 'MXAPIINVOICE', 'MXAPIGLCOMP'], write: [] },
    'erp-write': { read: erp, write: erp },
    'iot-ingest': {
      read: [],
      write: ['MXAPIASSETMETER', 'MXAPILOCATIONMETER', 'MXMETERDATA', 'MXAPIASSETSTATUS'],
    },
    reporting: { read: ['*'], write: [] },
    mobile: { read: mobile, write: mobile },
  })
})

test('whether there is any object at all, when none is named yet', () => {
  const any = (code: string) =>
    (['read', 'write', 'describe'] as const).filter((access) => rights(code).mayTouch({ access }))
  expect(any('@iot-ingest.1')).toEqual(['write', 'describe'])
  expect(any('@erp-readonly.1')).toEqual(['read', 'describe'])
  expect(any('@mobile.1')).toEqual(['read', 'write', 'describe'])
  expect(any('@mobile.2')).toEqual([])
  expect(any('MXAPIPR:w')).toEqual(['write', 'describe'])
})

test('a rule is told in words, and read once', () => {
  expect(rights('@mobile.1').rule).toBe('preset mobile, version 1')
  expect(rights('MXAPIPO:r MXAPIPR:w').rule).toBe('objects MXAPIPO:r MXAPIPR:w')
  expect(rights('MXAPIPO:r')).toBe(rights('MXAPIPO:r'))
  expect(rights('MXAPIPO:r')).not.toBe(rights('MXAPIPO:w'))
})

test('an object that may be read or written may be described, and no other', () => {
  expect(rights('@reporting.1').mayTouch({ object: 'ANY', access: 'describe' })).toBe(true)
  expect(rights('@erp-readonly.1').mayTouch({ object: 'MXAPIPO', access: 'describe' })).toBe(true)
  const ingest = rights('@iot-ingest.1')
  expect(ingest.mayTouch({ object: 'MXAPIASSETMETER', access: 'describe' })).toBe(true)
  expect(ingest.mayTouch({ object: 'MXAPIASSET', access: 'describe' })).toBe(false)
})

describe('the operator’s file', () => {
  const load = async (content: unknown) => {
    const path = join(await scratchFolder(), 'presets.json')
    await writeFile(path, JSON.stringify(content))
    return loadPresets({ presetsFile: path })
  }

  test('adds a version, which new tokens get; the former keeps its meaning', async () => {
    const presets = await load({ mobile: { 2: { read: ['CUSTOMWO'] } } })
    expect([presets.newest('mobile'), presets.newest('reporting')]).toEqual([2, 1])
    expect(presets.find('mobile', 2)).toEqual({ read: ['CUSTOMWO'], write: [] })
    expect(presets.find('mobile', 1)?.read).toContain('MXAPISR')
  })

  test('what may stand in it: any object, a hundred of them, versions to 999, the greatest of which is new', async () => {
    const many = Array.from({ length: 100 }, (_, n) => `OBJECT${n}`)
    const versions = { 9: {}, 10: { write: ['*'] }, 999: { read: many } }
    const presets = await load({ 'erp-write': versions })
    expect(presets.find('erp-write', 10)).toEqual({ read: [], write: ['*'] })
    expect(presets.find('erp-write', 9)).toEqual({ read: [], write: [] })
    expect(presets.find('erp-write', 999)?.read).toHaveLength(100)
    expect(presets.newest('erp-write')).toBe(999)
    expect((await load({ 'erp-write': { 9: {}, 10: {} } })).newest('erp-write')).toBe(10)
  })

  test.each([
    [
      'has too many objects',
      { mobile: { 2: { write: Array.from({ length: 101 }, (_, n) => `O${n}`) } } },
      '100',
    ],
    ...['1000', '02', 'x2', '2x', ''].map((version): [string, object, string] => [
      `has a version “${version}”`,
      { mobile: { [version]: {} } },
      'is not a version from 1 to 999',
    ]),
    [
      'changes a built-in version',
      { mobile: { 1: { read: ['*'] } } },
      'mobile: version 1 is built in; give the next number',
    ],
    ['names a preset that there is not', { nobody: {} }, 'PRESETS_FILE'],
    [
      'names an object as no object is named',
      { mobile: { 2: { read: ['mx api'] } } },
      'is not an object structure',
    ],
    ['counts from zero', { mobile: { 0: {} } }, 'PRESETS_FILE'],
    ['is misspelt', { mobile: { 2: { raed: [] } } }, 'PRESETS_FILE'],
  ])('that %s is refused', async (_name, content, message) => {
    await expect(load(content)).rejects.toThrow(message)
  })

  test('without one, every preset has a version', () => {
    const presets = loadPresets({ presetsFile: undefined })
    expect(PRESETS.map((preset) => presets.newest(preset))).toEqual([1, 1, 1, 1, 1])
  })
})
