import { err, ok, type Result } from '../../kernel/result.ts'
import { Secret } from '../../kernel/secret.ts'
import { readClientGrant, writeClientGrant } from '../../maximo/credentials/credential.ts'
import { certificatesFor, type Trust } from '../../maximo/egress/host-trust.ts'
import { checkTokenUrl, type EgressRules } from '../../maximo/egress/rules.ts'
import type { CredentialForm } from './forms.ts'
import type { NewCredential } from './keep-credential.ts'

/** What a person typed does not make a credential of the chosen method. */
export type CredentialProblem = 'key' | 'token_url' | 'certificate'

export interface CredentialContext {
  readonly baseUrl: string
  readonly owner: string
  readonly rules: EgressRules
  readonly trust: Trust
}

/** Reads a credential from the form, as far as it can be judged without asking anybody. */
export function readCredential(
  form: CredentialForm,
  { baseUrl, owner, rules, trust }: CredentialContext,
): Result<NewCredential, CredentialProblem> {
  if (!mayShow(form, { baseUrl, owner, trust })) return err('certificate')
  const text = readSecret(form, rules)
  if (!text.ok) return text
  const certificate = form.certificate === '' ? undefined : form.certificate
  return ok({ baseUrl, method: form.method, credential: new Secret(text.value), certificate })
}

/** A certificate is the operator's: for one host, and for those whom he named. */
function mayShow(
  { method, certificate }: CredentialForm,
  { baseUrl, owner, trust }: Pick<CredentialContext, 'baseUrl' | 'owner' | 'trust'>,
): boolean {
  if (certificate === '') return method !== 'certificate'
  const { hostname } = new URL(baseUrl)
  return certificatesFor(trust, owner).some(
    (offered) => offered.host === hostname && offered.certificate.thumbprint === certificate,
  )
}

function readSecret(form: CredentialForm, rules: EgressRules): Result<string, CredentialProblem> {
  switch (form.method) {
    case 'apikey':
      return isText(form.key) ? ok(form.key) : err('key')
    case 'maxauth':
    case 'basic':
      return readPair(form)
    case 'oauth':
    case 'oidc':
      return readGrant(form.method, form, rules)
    case 'certificate':
      return ok('certificate')
  }
}

/** `user:password`. A user name has no colon; without one, the key itself is the pair. */
function readPair({ user, key }: CredentialForm): Result<string, CredentialProblem> {
  const text = user === '' ? key : `${user}:${key}`
  return isText(text) && !user.includes(':') && /^[^:]+:./.test(text) ? ok(text) : err('key')
}

function readGrant(
  method: 'oauth' | 'oidc',
  { tokenUrl, clientId, clientSecret, scope, key }: CredentialForm,
  rules: EgressRules,
): Result<string, CredentialProblem> {
  if (!checkTokenUrl(tokenUrl, rules).ok) return err('token_url')
  const grant = {
    t: tokenUrl,
    i: clientId,
    ...(method === 'oauth' ? { s: key } : { r: key }),
    ...(method === 'oidc' && clientSecret !== '' ? { s: clientSecret } : {}),
    ...(scope === '' ? {} : { scope }),
  }
  const text = writeClientGrant(grant)
  return isText(clientId + key + clientSecret + scope) && readClientGrant(method, text).ok
    ? ok(text)
    : err('key')
}

/** Header values hold no control characters. */
const isText = (text: string): boolean => /^[\x20-\x7e\u00a0-\uffff]+$/.test(text)
