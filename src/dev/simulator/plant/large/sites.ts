export const SITES = ['BEDFORD', 'NASHUA'] as const
export type Site = (typeof SITES)[number]

export const STOREROOMS: Readonly<Record<Site, string>> = { BEDFORD: 'CENTRAL', NASHUA: 'NSTORE' }
export const SUPERVISORS: Readonly<Record<Site, string>> = { BEDFORD: 'STOKES', NASHUA: 'OKAFOR' }
