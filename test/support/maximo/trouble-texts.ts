/** The whole text of a tool error about Maximo, but for its error id. */
export const NOT_MAXIMO =
  'bad_upstream: What answered at the address of this environment is not the API of Maximo, or its answer was cut.\n' +
  'What to do: Try again in a minute. If it lasts, the address of the environment or a proxy in front of Maximo is wrong: ask whoever runs it.'
export const NOT_AVAILABLE =
  'upstream_down: Maximo is not available.\nWhy: asked for MXAPIASSET.\n' +
  'What to do: Try again in a minute. If it lasts, ask whoever runs Maximo.'
export const NOT_REACHED =
  'upstream_down: Maximo cannot be reached.\n' +
  'What to do: Try again in a minute. If it lasts, ask whoever runs Maximo or its network.'
export const IN_ADMIN_MODE =
  'maintenance: Maximo is in maintenance mode. Maximo is in admin mode: its database is being configured.\n' +
  "Why: asked for MXAPIASSET; Maximo's reason code is BMXAA0578E.\n" +
  'What to do: Try again when the maintenance is over.'
export const REFUSED_BY_RULE =
  'refused: A rule of Maximo refuses the change. A rule of Maximo does not accept the value.\n' +
  "Why: asked for MXAPIASSET; Maximo's reason code is BMXAA4198E.\n" +
  'What to do: Read the record again and change what the rule asks for; a Maximo administrator knows the rules of this installation.'
export const askedTooMuch = (seconds: number): string =>
  'rate_limited: This Maximo environment is being asked too much at the moment.\n' +
  `Why: asked for MXAPIASSET; it asks for a pause of ${seconds} seconds.\n` +
  'What to do: Wait, then call again with the same arguments.'

/** The text without its last line. @throws when that is no error id, since an answer without one cannot be looked up */
export function withoutErrorId(text: string): string {
  const [, said] = /^(.*)\nError id: [\w-]{16}$/s.exec(text) ?? []
  if (said === undefined) throw new Error(`no error id: ${text}`)
  return said
}
