/** What both servers of the token bench are asked: an authorization code with PKCE S256 for a first pair of tokens. */
export const CLIENT_NAME = 'bench'
export const REDIRECT_URI = 'http://localhost:33418/callback'
export const SCOPE = 'maximo:read offline_access'
/** RFC 7636 appendix B. */
export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
export const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
export const RESOURCE = 'http://localhost:8081/mcp'
export const HEADERS = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }

/** The form of a token request (RFC 6749 §4.1.3, RFC 8707 §2). */
export const tokenForm = (clientId: string, code: string): string =>
  new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    code_verifier: VERIFIER,
    redirect_uri: REDIRECT_URI,
    resource: RESOURCE,
  }).toString()
