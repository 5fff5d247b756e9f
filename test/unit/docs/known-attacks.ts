export interface KnownAttack {
  readonly id: string
  readonly attack: string
  readonly places: readonly string[]
  readonly tests: readonly { readonly file: string; readonly titles: readonly string[] }[]
}

/** The rows of every table of `docs/known-attacks.md`: `| id | attack | where it stops | test |`. */
export const knownAttacks = (document: string): readonly KnownAttack[] =>
  document
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| id') && !line.startsWith('| -'))
    .map(toRow)

function toRow(line: string): KnownAttack {
  const [id = '', attack = '', where = '', held = ''] = line
    .slice(1, -1)
    .split(' | ')
    .map((cell) => cell.trim())
  const tests = held.split(/; (?=`test\/)/).map((part) => {
    const [file = ''] = /test\/[\w./-]+/.exec(part) ?? []
    return { file, titles: [...part.matchAll(/“([^”]+)”/g)].map(([, title = '']) => title) }
  })
  return {
    id,
    attack,
    places: [...where.matchAll(/`([\w./-]+\.\w+)`/g)].map(([, path = '']) => path),
    tests,
  }
}
