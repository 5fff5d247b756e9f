/** RFC 7523 §2.1. */
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** What a machine client asks by; no person is there. */
export const MACHINE_GRANTS = ['client_credentials', JWT_BEARER] as const
export type MachineGrantType = (typeof MACHINE_GRANTS)[number]
