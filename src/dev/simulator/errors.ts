/**
 * A refusal as Maximo words it: HTTP status, BMX code and text (maximo-api §7). Thrown anywhere while a request is
 * worked on and turned into the error envelope in one place, `render/error-body.ts`.
 */
export class BmxError extends Error {
  override readonly name = 'BmxError'
  readonly status: number
  /** `BMXAA8727E`, a `group#key`, or null where Maximo gives none. */
  readonly code: string | null
  /** The text without its code. */
  readonly text: string
  /** The attribute and object the error is about, where Maximo names them. */
  readonly about: { readonly attribute?: string; readonly object?: string }

  constructor(
    status: number,
    code: string | null,
    text: string,
    about: { attribute?: string; object?: string } = {},
  ) {
    super(code === null ? text : `${code} - ${text}`)
    this.status = status
    this.code = code
    this.text = text
    this.about = about
  }
}

export const notAuthenticated = (): BmxError =>
  new BmxError(401, 'BMXAA0021E', 'You must authenticate before you can use this resource.')

export const loginRefused = (): BmxError => new BmxError(401, 'BMXAA7901E', 'You cannot log in at this time.')

export const notAuthorisedFor = (objectStructure: string): BmxError =>
  new BmxError(
    400,
    'BMXAA9301E',
    `The user of the transaction is not authorized for object structure ${objectStructure}.`,
  )

export const noSuchObjectStructure = (name: string): BmxError =>
  new BmxError(404, 'BMXAA4216E', `Object structure ${name} does not exist.`)

export const noSuchResource = (id: string): BmxError =>
  new BmxError(404, 'BMXAA8727E', `The resource with the id ${id} does not exist.`)

export const noSuchRelationship = (relation: string, object: string): BmxError =>
  new BmxError(404, 'BMXAA4187E', `The relationship ${relation} does not exist on object ${object}.`)

export const badParameter = (name: string, value: string): BmxError =>
  new BmxError(400, 'BMXAA8744E', `The value ${value} of the parameter ${name} is not valid.`)

/** Something real Maximo does and this simulator does not: said aloud, so that no test passes on silence. */
export const notSimulated = (what: string): BmxError =>
  new BmxError(501, null, `The simulator does not implement ${what}.`)
