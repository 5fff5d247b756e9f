import type { z } from 'zod'

/** What one member of a message may be: values at its borders, and those just beyond. */
export interface Bound {
  readonly takes: readonly unknown[]
  readonly refuses: readonly unknown[]
}

const NO_TEXT = [5, null, ['x'], {}]

export const text = (least: number, most: number): Bound => ({
  takes: ['x'.repeat(least), 'x'.repeat(most)],
  refuses: ['x'.repeat(most + 1), ...(least > 0 ? ['x'.repeat(least - 1)] : []), ...NO_TEXT],
})

/** Text of one form: what is in front of it, behind it, missing from it or doubled makes it another. */
const formed = (samples: readonly string[], wrong: readonly string[]): Bound => ({
  takes: samples,
  refuses: [
    ...wrong,
    ...samples.flatMap((one) => [`${one}\n`, `\n${one}`, ` ${one}`, `${one} `, `${one}${one}`]),
    '',
    ...NO_TEXT,
  ],
})

/** base64url of so many characters (RFC 4648 §5), unpadded. */
export const base64url = (chars: number): Bound =>
  formed(
    [`-_09azAZ${'A'.repeat(chars - 8)}`],
    ['A'.repeat(chars - 1), 'A'.repeat(chars + 1), `${'A'.repeat(chars - 1)}+`, `/${'A'.repeat(chars - 1)}`],
  )
export const ID = base64url(22)
export const BYTES_32 = base64url(43)

export const KEY_ID = formed(
  ['te-A1_-zZ09', 'az-AAAAAAAA'],
  [
    't-A1_-zZ09',
    'tee-A1_-zZ09',
    'TE-A1_-zZ09',
    't1-A1_-zZ09',
    'te_A1_-zZ09',
    'te-A1_-zZ0',
    'te-A1_-zZ099',
    'te-A1+-zZ09',
  ],
)
export const MACHINE_ID = formed(
  [`mxm_${'A'.repeat(20)}-_`],
  [`mxn_${'A'.repeat(22)}`, `mxm_${'A'.repeat(21)}`, `mxm_${'A'.repeat(23)}`, `mxm_${'A'.repeat(21)}+`],
)
export const WEB_ADDRESS: Bound = {
  takes: ['https://maximo.example.com/maximo', 'http://localhost:8081/mcp'],
  refuses: ['maximo.example.com', '', ...NO_TEXT],
}

export const POSITIVE: Bound = {
  takes: [1, 1_795_305_600_000],
  refuses: [0, -1, 1.5, '1', null, Number.MAX_SAFE_INTEGER + 1],
}
export const NATURAL: Bound = { takes: [0, 1], refuses: [-1, 0.5, '0', null] }
export const WHOLE: Bound = { takes: [-1, 0, 1], refuses: [0.5, '0', null] }
export const YES_NO: Bound = { takes: [true, false], refuses: ['true', 1, null] }
export const ANYTHING: Bound = { takes: [null, 1, 'x', [], {}], refuses: [] }

export const oneOf = (...values: readonly (string | number)[]): Bound => ({
  takes: values,
  refuses: [...values.flatMap((one) => [`${one}s`, `${one}`.slice(1)]), '', null, 7],
})
export const orNull = ({ takes, refuses }: Bound): Bound => ({
  takes: [...takes, null],
  refuses: refuses.filter((one) => one !== null),
})

/** A message with every member there is, and the bounds of each: `c.k` is `k` in `c`, `uses.0.gid` that of the first use. */
export interface Shape {
  readonly schema: Pick<z.ZodType, 'safeParse'>
  readonly whole: Readonly<Record<string, unknown>>
  readonly bounds: Readonly<Record<string, Bound>>
  /** Paths of what may be left out. */
  readonly optional?: readonly string[]
  /** Paths of objects whose members may have any name. */
  readonly open?: readonly string[]
}

/** Everything in which a schema is other than its {@link Shape} says; nothing: they agree. */
export function findDisagreements({ schema, whole, bounds, optional = [], open = [] }: Shape): string[] {
  const takes = (value: unknown): boolean => schema.safeParse(value).success
  const members = listMembers(whole)
  const leaves = members.filter(({ isLeaf }) => isLeaf).map(({ path }) => path)
  const said = (fault: string, isFault: boolean): string[] => (isFault ? [fault] : [])
  return [
    ...said('the whole is refused', !takes(whole)),
    ...leaves.flatMap((path) => said(`${path} has no bounds here`, bounds[path] === undefined)),
    ...Object.keys(bounds).flatMap((path) => said(`${path} is not in the whole`, !leaves.includes(path))),
    ...leaves.flatMap((path) => [
      ...(bounds[path]?.takes ?? []).flatMap((value) =>
        said(`${path} = ${show(value)} is refused`, !takes(withAt(whole, path, value))),
      ),
      ...(bounds[path]?.refuses ?? []).flatMap((value) =>
        said(`${path} = ${show(value)} is taken`, takes(withAt(whole, path, value))),
      ),
    ]),
    ...members
      .filter(({ isElement }) => !isElement)
      .flatMap(({ path }) => {
        const mayLack = optional.includes(path)
        const fault = mayLack ? 'must be there' : 'may be left out'
        return said(`${path} ${fault}`, takes(withAt(whole, path, undefined)) !== mayLack)
      }),
    ...members
      .filter(({ isObject }) => isObject)
      .map(({ path }) => path)
      .concat('')
      .flatMap((path) => {
        const isOpen = open.includes(path)
        const isTaken = takes(withAt(whole, path === '' ? 'unheardOf' : `${path}.unheardOf`, 'x'))
        return said(`${path}: another member is ${isTaken ? 'taken' : 'refused'}`, isTaken !== isOpen)
      }),
  ]
}

interface Member {
  readonly path: string
  readonly isLeaf: boolean
  readonly isObject: boolean
  /** Of a list: taken out by itself it leaves a hole, which says nothing. */
  readonly isElement: boolean
}

function listMembers(value: object, before = ''): Member[] {
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    const path = `${before}${name}`
    const isInner = typeof member === 'object' && member !== null
    const self: Member = {
      path,
      isLeaf: !isInner,
      isObject: isInner && !Array.isArray(member),
      isElement: Array.isArray(value),
    }
    return isInner ? [self, ...listMembers(member, `${path}.`)] : [self]
  })
}

/** A copy with the member at the path set, or left out where the value is undefined. */
function withAt(whole: object, path: string, value: unknown): unknown {
  const copy: unknown = structuredClone(whole)
  const names = path.split('.')
  const last = names.pop() ?? ''
  const holder = names.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], copy)
  if (value === undefined) Reflect.deleteProperty(holder as object, last)
  else (holder as Record<string, unknown>)[last] = value
  return copy
}

const show = (value: unknown): string =>
  value === undefined ? 'undefined' : JSON.stringify(value).slice(0, 60)
