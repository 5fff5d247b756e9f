import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import type { VerifyHead } from '../../src/audit/heads.ts'
import { verifyAudit } from '../../src/audit/verify.ts'
import { nextLine } from '../../src/kernel/chain-link.ts'
import { aCall, auditKit } from './audit.ts'
import { scratchFolder } from './folder.ts'

/** What somebody did to a log: where, as shares of what there is, and whether every link behind was made right again. */
export interface Tampering {
  readonly kind: 'edit' | 'byte' | 'insert' | 'repeat' | 'delete' | 'swap' | 'cut' | 'empty' | 'file gone'
  readonly at: number
  readonly with: number
  readonly isRelinked: boolean
  /** Whether the head beside the log was taken away, too. */
  readonly isHeadGone: boolean
}

const share = fc.double({ min: 0, max: 0.999_999, noNaN: true })
export const tamperings: fc.Arbitrary<Tampering> = fc.record({
  kind: fc.constantFrom('edit', 'byte', 'insert', 'repeat', 'delete', 'swap', 'cut', 'empty', 'file gone'),
  at: share,
  with: share,
  isRelinked: fc.boolean(),
  isHeadGone: fc.boolean(),
})

/** A log in several files with every kind of record, whose newest head was kept elsewhere. */
export class TamperedLog {
  readonly #folder: string
  readonly #files: ReadonlyMap<string, string>
  readonly #head: string
  readonly #verify: VerifyHead

  private constructor(
    folder: string,
    parts: { files: ReadonlyMap<string, string>; head: string; verify: VerifyHead },
  ) {
    this.#folder = folder
    this.#files = parts.files
    this.#head = parts.head
    this.#verify = parts.verify
  }

  static async make(): Promise<TamperedLog> {
    const kit = await auditKit()
    const source = await scratchFolder()
    const audit = await kit.open('mcp', source, { fileRecords: 12, headEveryRecords: 5 })
    const portal = await kit.open('portal', await scratchFolder())
    for (let call = 0; call < 40; call += 1) {
      await audit.write(aCall({ operation: `call ${call}`, queryParams: { number: call } }))
      if (call % 10 === 0) await audit.acceptHead(await portal.head())
      if (call % 10 === 0) await portal.write(aCall())
    }
    await audit.close()
    await portal.close()
    const files = new Map<string, string>()
    for (const name of (await readdir(source)).filter((one) => one.endsWith('.jsonl')).sort())
      files.set(name, await readFile(join(source, name), 'utf8'))
    if (files.size < 3) throw new Error('the log has too few files to try things on')
    const head = (await readFile(join(source, 'mcp-1.head'), 'utf8')).trim()
    return new TamperedLog(await scratchFolder(), { files, head, verify: kit.verify })
  }

  /** Whether the verifier, which was given the head that was kept, finds it. `null`: it changed nothing. */
  async isFound(tampering: Tampering): Promise<boolean | null> {
    const bent = this.#bend(tampering)
    if (bent === null) return null
    await rm(this.#folder, { recursive: true, force: true })
    await mkdir(this.#folder)
    for (const [name, text] of bent) await writeFile(join(this.#folder, name), text)
    if (!tampering.isHeadGone) await writeFile(join(this.#folder, 'mcp-1.head'), `${this.#head}\n`)
    const verdict = await verifyAudit([this.#folder], this.#verify, [{ text: this.#head, where: 'kept:1' }])
    return !verdict.ok
  }

  /** Whether it holds as long as nobody touches it: else everything would be found. */
  async holds(): Promise<boolean> {
    await rm(this.#folder, { recursive: true, force: true })
    await mkdir(this.#folder)
    for (const [name, text] of this.#files) await writeFile(join(this.#folder, name), text)
    return (await verifyAudit([this.#folder], this.#verify, [{ text: this.#head, where: 'kept:1' }])).ok
  }

  #bend(tampering: Tampering): ReadonlyMap<string, string> | null {
    const names = [...this.#files.keys()]
    if (tampering.kind === 'file gone') {
      const gone = names[Math.floor(tampering.at * names.length)]
      return new Map([...this.#files].filter(([name]) => name !== gone))
    }
    const all = names.flatMap((name) => linesOf(this.#files.get(name)).map((line) => ({ name, line })))
    // Behind the newest head that was kept, nothing can be known: the one record about that head itself.
    const vouched = all.slice(0, -1)
    const at = Math.floor(tampering.at * vouched.length)
    const other = Math.floor(tampering.with * vouched.length)
    const bent = change(all, { kind: tampering.kind, at, other, share: tampering.with })
    if (bent === null) return null
    const written = tampering.isRelinked ? relinked(bent) : bent
    // A repeated last record, for one, is a record more behind that head.
    if (vouched.every(({ line }, index) => line === written[index]?.line)) return null
    return joined(names, written)
  }
}

interface Row {
  readonly name: string
  readonly line: string
}

const linesOf = (text: string | undefined): string[] => (text ?? '').trimEnd().split('\n')

interface Change {
  readonly kind: Exclude<Tampering['kind'], 'file gone'>
  readonly at: number
  readonly other: number
  readonly share: number
}

function change(rows: readonly Row[], { kind, at, other, share }: Change): Row[] | null {
  const row = rows[at]
  const second = rows[other]
  if (row === undefined || second === undefined) return null
  const put = (line: string): Row => ({ ...row, line })
  switch (kind) {
    case 'edit':
      return rows.with(at, put(row.line.replace('"outcome":"success"', '"outcome":"refused"')))
    case 'byte': {
      const place = Math.floor(share * row.line.length)
      const code = row.line.charCodeAt(place)
      return rows.with(
        at,
        put(row.line.slice(0, place) + String.fromCharCode(code ^ 1) + row.line.slice(place + 1)),
      )
    }
    case 'insert':
      return rows.toSpliced(at, 0, put(row.line.replace(/"operation":"[^"]*"/, '"operation":"forged"')))
    case 'repeat':
      return rows.toSpliced(at, 0, put(second.line))
    case 'delete':
      return rows.toSpliced(at, 1)
    case 'swap':
      return at === other ? null : rows.with(at, put(second.line)).with(other, { ...second, line: row.line })
    case 'cut':
      return rows.slice(0, at)
    case 'empty':
      return rows.with(at, put(''))
  }
}

/** What an attacker without keys can do: every number and link is right again. */
function relinked(rows: readonly Row[]): Row[] {
  let tip = { n: 0, hash: 'audit' }
  return rows.map(({ name, line }) => {
    const body = line.replace(/^\{"n":\d+,/, '{').replace(/,"h":"[^"]{43}"\}$/, '}')
    const next = nextLine(tip, body.length > 2 ? body : '{"x":1}')
    tip = next
    return { name, line: next.text }
  })
}

const joined = (names: readonly string[], rows: readonly Row[]): ReadonlyMap<string, string> =>
  new Map(
    names.map((name) => [
      name,
      rows
        .filter((row) => row.name === name)
        .map(({ line }) => `${line}\n`)
        .join(''),
    ]),
  )
