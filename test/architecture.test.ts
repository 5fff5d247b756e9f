import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, test } from 'vitest'

/** The third wall: the import graph, read from the source itself, against a literal table. Nothing here trusts the linter. */
const ROOT = resolve(import.meta.dirname, '..')
const SRC = join(ROOT, 'src')

const MAY_IMPORT: Record<string, readonly string[]> = {
  kernel: [],
  crypto: ['kernel'],
  audit: ['kernel', 'crypto'],
  maximo: ['kernel'],
  portal: ['kernel', 'crypto', 'audit'],
  mcp: ['kernel', 'crypto', 'audit', 'maximo'],
  dev: ['kernel', 'crypto', 'audit', 'maximo', 'portal', 'mcp'],
  cli: ['kernel', 'crypto', 'audit', 'maximo', 'portal', 'mcp', 'dev'],
}

/** Packages that one room (or one file) alone may touch. */
const ALONE: readonly { readonly package: RegExp; readonly within: RegExp }[] = [
  { package: /^jose$/, within: /^src\/crypto\// },
  { package: /^ioredis$/, within: /^src\/kernel\// },
  { package: /^pino$/, within: /^src\/kernel\// },
  { package: /^@clerk\//, within: /^src\/portal\// },
  { package: /^@modelcontextprotocol\//, within: /^src\/(mcp|dev\/(bench|demo))\// },
]

/** Files of `src/crypto` that belong to one domain (design §2): the other may not open them. */
const OF_ONE_DOMAIN: Record<string, readonly string[]> = {
  portal: ['token-seal.ts', 'code.ts'],
  mcp: ['token-open.ts', 'receipt.ts', 'wrapped.ts', 'clerk-token.ts'],
}

interface Import {
  readonly from: string
  readonly to: string
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sources(path)
    return /\.tsx?$/.test(entry.name) ? [path] : []
  })
}

const files = sources(SRC)
const path = (file: string): string => relative(ROOT, file).split(sep).join('/')
const text = new Map(files.map((file) => [path(file), readFileSync(file, 'utf8')]))

const SPECIFIER =
  /(?:^|[\s;}])(?:import|export)\s[^'"()]*?from\s*['"]([^'"]+)['"]|import\s*\(\s*['"]([^'"]+)['"]\s*\)|^import\s*['"]([^'"]+)['"]/gm

function importsOf(file: string): Import[] {
  const source = text.get(file) ?? ''
  return [...source.matchAll(SPECIFIER)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? ''
    const to = specifier.startsWith('.') ? path(resolve(ROOT, dirname(file), specifier)) : specifier
    return { from: file, to }
  })
}

const imports = [...text.keys()].flatMap(importsOf)
const room = (file: string): string => file.split('/')[1] ?? ''
const isOurs = (to: string): boolean => to.startsWith('src/')

describe('the walls', () => {
  test('every room is in the table, and every room was seen', () => {
    expect([...new Set([...text.keys()].map(room))].sort()).toEqual(Object.keys(MAY_IMPORT).sort())
    expect(imports.filter((edge) => isOurs(edge.to)).length).toBeGreaterThan(100)
  })

  test('a room imports only the rooms below it', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        isOurs(to) && room(to) !== room(from) && MAY_IMPORT[room(from)]?.includes(room(to)) !== true,
    )
    expect(wrong).toEqual([])
  })

  test('a package with a keeper is imported by its keeper alone', () => {
    const wrong = imports.filter(({ from, to }) =>
      ALONE.some((rule) => !isOurs(to) && rule.package.test(to) && !rule.within.test(from)),
    )
    expect(wrong).toEqual([])
  })

  test('a format of one domain is opened by that domain alone', () => {
    const wrong = imports.filter(({ from, to }) =>
      Object.entries(OF_ONE_DOMAIN).some(
        ([owner, names]) =>
          names.some((name) => to === `src/crypto/${name}`) &&
          !['crypto', 'dev', 'cli', owner].includes(room(from)),
      ),
    )
    expect(wrong).toEqual([])
  })

  test('the simulator knows nothing of the client it tests', () => {
    const wrong = imports.filter(
      ({ from, to }) => from.startsWith('src/dev/simulator/') && to.startsWith('src/maximo/'),
    )
    expect(wrong).toEqual([])
  })

  test('no file disables a wall by comment, and none loosens a type', () => {
    const wrong = [...text].filter(([, source]) =>
      /eslint-disable|@ts-(ignore|nocheck|expect-error)|\bas any(?=[;),\]}])/.test(source),
    )
    expect(wrong.map(([file]) => file)).toEqual([])
  })

  test('evidence is made in one place each', () => {
    const makers = (call: string): string[] =>
      [...text].filter(([, source]) => source.includes(call)).map(([file]) => file)
    for (const evidence of ['Caller', 'Admitted', 'TaggedToken']) {
      expect(makers(`${evidence}.assertion(`)).toHaveLength(1)
    }
  })

  test('a tool says by asOf how old its answer is, since it may be a kept one', () => {
    const said = [...text].filter(([, source]) => /\bas_of: (?!string\b|z\.)/.test(source))
    expect(said.map(([file]) => file)).toEqual([])
  })

  test('Maximo is written to by changes alone: nobody else gets at the half that writes', () => {
    const holders = [...text].filter(
      ([file, source]) => file.startsWith('src/mcp/') && /\bMaximoWriter\b|\.whole\(/.test(source),
    )
    const others = holders.map(([file]) => file).filter((file) => !file.startsWith('src/mcp/changes/'))
    // It hands the connections to the changes.
    expect(others).toEqual(['src/mcp/compose.ts'])
    expect(holders.length).toBeGreaterThan(others.length)
  })

  test('a picture is made of elements and text, and needs nothing that a browser does not have', () => {
    const views = [...text].filter(([file]) => file.startsWith('src/mcp/apps/view/'))
    expect(views.length).toBeGreaterThan(10)
    const markup =
      /innerHTML|outerHTML|insertAdjacentHTML|srcdoc|document\.write|createContextualFragment|DOMParser|setHTML|\beval\b|new Function|\bimport\(|\bfetch\b|XMLHttpRequest|WebSocket|localStorage/
    expect(views.filter(([, source]) => markup.test(source)).map(([file]) => file)).toEqual([])
    const elsewhere = imports.filter(
      ({ from, to }) => from.startsWith('src/mcp/apps/view/') && !to.startsWith('src/mcp/apps/view/'),
    )
    expect([...new Set(elsewhere.map(({ to }) => to))].sort()).toEqual([
      'src/mcp/changes/op-words.ts',
      'src/mcp/tools/result/cell-text.ts',
      'src/mcp/tools/result/hidden-characters.ts',
    ])
    const makers = views.filter(([, source]) => /createElement|setAttribute/.test(source))
    expect(makers.map(([file]) => file)).toEqual([
      'src/mcp/apps/view/element.ts',
      'src/mcp/apps/view/frame.ts',
    ])
  })

  test('time and environment come in through their doors only', () => {
    const readsTime = [...text].filter(
      ([file, source]) => /\bDate\.now\(/.test(source) && !file.startsWith('src/dev/'),
    )
    expect(readsTime.map(([file]) => file)).toEqual(['src/kernel/clock.ts'])
    const readsEnv = [...text].filter(([, source]) => source.includes('process.env'))
    expect(readsEnv.every(([file]) => /^src\/(cli|dev)\//.test(file))).toBe(true)
  })

  test('no file of the source is longer than 300 lines', () => {
    const long = [...text].filter(([, source]) => source.split('\n').length > 301)
    expect(long.map(([file]) => file)).toEqual([])
  })

  test('certificate checks are nowhere switched off', () => {
    const wrong = [...text].filter(([, source]) =>
      /rejectUnauthorized:\s*false|NODE_TLS_REJECT_UNAUTHORIZED/.test(source),
    )
    expect(wrong.map(([file]) => file)).toEqual([])
  })
})
