import { z } from 'zod'
import { sha256Base64url } from '../../crypto/digest.ts'
import { environmentClass } from '../../crypto/internal-api.ts'
import { STYLESHEET } from '../../kernel/look.ts'
import { CREDENTIAL_METHODS } from '../../maximo/credentials/credential.ts'

/**
 * The forms of the vault, as a browser posts them (`application/x-www-form-urlencoded`). Every page is a `200` answer to
 * a post, or a refusal page. `form` is the hidden token of the page that was posted from.
 */
export const VAULT_PATHS = {
  /** From the portal, `Origin` = PUBLIC_PORTAL_URL: {@link openForm}. Answers the page of the handle's purpose. */
  open: '/vault',
  /** {@link addForm} or {@link replaceForm}. */
  save: '/vault/save',
  /** {@link formToken}: the replaced credential is no longer needed. */
  confirm: '/vault/confirm',
  /** {@link formToken}: the replaced credential serves again. */
  back: '/vault/back',
  /** {@link formToken}: the environment and all its connections end. */
  remove: '/vault/remove',
  /** `GET` with the vault's cookie: the owner's grants, from the MCP server's own log. */
  grants: '/vault/grants',
  /** {@link formToken}: yes to the change of the visit. */
  approveChange: '/vault/change/approve',
  /** {@link formToken}: the change of the visit can never be written. */
  refuseChange: '/vault/change/refuse',
  style: `/vault/style.${sha256Base64url(STYLESHEET).slice(0, 10)}.css`,
  icon: '/vault/icon.svg',
} as const

export const openForm = z.strictObject({ handle: z.string().min(1).max(100) })

const form = z.string().max(100)
const text = (max: number): z.ZodDefault<z.ZodString> => z.string().max(max).default('')
/** What a method does not need is ignored: a browser sends fields that it hides. */
const credential = {
  method: z.enum(CREDENTIAL_METHODS),
  /** For `maxauth` and `basic`. */
  user: text(100),
  /** API key, password, client secret or refresh token; the pair `user:password` where `user` is left empty. */
  key: text(450),
  tokenUrl: text(255),
  clientId: text(120),
  clientSecret: text(200),
  scope: text(120),
  /** Thumbprint of a certificate of the operator. */
  certificate: text(43),
}

export const addForm = z.strictObject({
  form,
  label: z.string().trim().min(1).max(60),
  baseUrl: z.string().trim().min(1).max(255),
  ...credential,
  cls: environmentClass.default('production'),
})

/** What of either form is shown again beside a problem: everything but the secrets, however much of it there is. */
export const typedForm = z.object({
  label: text(60),
  baseUrl: text(255),
  method: credential.method.default('apikey'),
  ...{ user: credential.user, tokenUrl: credential.tokenUrl, clientId: credential.clientId },
  ...{ scope: credential.scope, certificate: credential.certificate },
})

/** The address of a replaced credential stays: only the method and the key are asked for. */
export const replaceForm = z.strictObject({ form, ...credential })
export type CredentialForm = Omit<z.output<typeof replaceForm>, 'form'>

/** What every form of a visit has, and all there is in one that only confirms. */
export const formToken = z.looseObject({ form })
