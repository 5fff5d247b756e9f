/** The attribute, object path and value an error is about, where Maximo names them. */
export interface ErrorSubject {
  readonly attribute?: string
  readonly object?: string
  readonly value?: string
}

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
  readonly about: ErrorSubject

  constructor(status: number, code: string | null, text: string, about: ErrorSubject = {}) {
    super(code === null ? text : `${code} - ${text}`)
    this.status = status
    this.code = code
    this.text = text
    this.about = about
  }
}

/** A refusal with its cause below it: `BMXAA4590E - ….\n\tBMXAA0032E - …` (maximo-api §7.1). */
export const causedBy = (code: string, text: string, cause: BmxError): BmxError =>
  new BmxError(400, code, `${text}\n\t${cause.message}`)

/** A question that the caller must answer with `yncuserinput: <id>:<answer>` (maximo-api §4.7). */
export class OpenQuestion extends BmxError {
  readonly questionId: string

  constructor(code: string, text: string, questionId: string) {
    super(400, code, text)
    this.questionId = questionId
  }
}

/** With `batcherror: 1`: the first problem as the error itself, all of them beside it. */
export class SeveralErrors extends BmxError {
  readonly errors: readonly BmxError[]

  constructor(first: BmxError, errors: readonly BmxError[]) {
    super(first.status, first.code, first.text, first.about)
    this.errors = errors
  }
}

export const notAuthenticated = (): BmxError =>
  new BmxError(401, 'BMXAA0021E', 'You must authenticate before you can use this resource.')

/** No capture of this refusal is known; the header is (maximo-api §1.2). */
export const csrfRefused = (): BmxError =>
  new BmxError(403, null, 'The csrftoken header does not hold the token of this session.')

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

export const notAllowed = (action: string, object: string): BmxError =>
  new BmxError(400, 'BMXAA0024E', `The action ${action} is not allowed on object ${object}.`)

export const methodNotSupported = (what: string): BmxError =>
  new BmxError(405, 'BMXAA8815E', `${what} is not supported here.`)

export const badParameter = (name: string, value: string): BmxError =>
  new BmxError(400, 'BMXAA8744E', `The value ${value} of the parameter ${name} is not valid.`)

/** Something real Maximo does and this simulator does not: said aloud, so that no test passes on silence. */
export const notSimulated = (what: string): BmxError =>
  new BmxError(501, null, `The simulator does not implement ${what}.`)
