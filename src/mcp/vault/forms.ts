import { z } from 'zod'
import { sha256Base64url } from '../../crypto/digest.ts'
import { STYLESHEET } from '../../kernel/look.ts'

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
  style: `/vault/style.${sha256Base64url(STYLESHEET).slice(0, 10)}.css`,
  icon: '/vault/icon.svg',
} as const

export const openForm = z.strictObject({ handle: z.string().min(1).max(100) })

const form = z.string().max(100)
const method = z.enum(['apikey', 'maxauth'])
/** An API key; for `maxauth` the password when `user` is filled in, else `user:password`. */
const key = z.string().min(1).max(400)
const user = z.string().max(100).default('')

export const addForm = z.strictObject({
  form,
  label: z.string().trim().min(1).max(60),
  baseUrl: z.string().trim().min(1).max(255),
  method,
  user,
  key,
})

/** The address of a replaced credential stays: only the method and the key are asked for. */
export const replaceForm = z.strictObject({ form, method, user, key })

/** What every form of a visit has, and all there is in one that only confirms. */
export const formToken = z.looseObject({ form })
