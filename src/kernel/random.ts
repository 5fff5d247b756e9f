import { randomBytes } from 'node:crypto'

/** 128 random bits as 22 characters of base64url: ids of tokens, grants, transactions, environments. */
export const randomId = (): string => randomBytes(16).toString('base64url')

/** 256 random bits as 43 characters of base64url: bearer secrets (refresh tokens, client secrets). */
export const randomSecret = (): string => randomBytes(32).toString('base64url')
