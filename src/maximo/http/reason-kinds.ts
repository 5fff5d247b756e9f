import type { MaximoFaultKind } from '../fault.ts'

/**
 * The kind of fault behind a reason code; null where the HTTP status has to tell. Most refusals, authorisation
 * included, come as HTTP 400, so the code decides (OpenAPI 9.1; captures; maximo-api §7).
 */
export const kindOfReason = (code: string): MaximoFaultKind | null => KINDS.get(code) ?? null

/** Without `BMXAA` before them. */
const CODES: Readonly<Partial<Record<MaximoFaultKind, string>>> = {
  credentials_rejected: '0011E 0020E 0021E 0025E 0026E 0033I 2283E 4122E 5646I 7901E 7902E 9486E 9549E',
  not_permitted: '0024E 1671I 9051E 9301E',
  not_found: '1283E 4187E 4216E 8727E 8807E 9510E',
  invalid_query: '10051E 4185E 8741E 8742E 8744E 8815E 8823E',
  too_large: '2249E 7387E',
  conflict: '4200E 8229W 9524E',
  refused:
    '0032E 0090E 0130E 1872E 2661E 4049E 4129E 4147E 4153E 4190E 4195E 4198E 4510E 4590E 4638E 4679E 4721E 4722E 5598E 8284E 9766E 9860E',
  maintenance: '0578E',
}

const KINDS: ReadonlyMap<string, MaximoFaultKind> = new Map(
  // `Object.entries` forgets what the keys are.
  (Object.entries(CODES) as [MaximoFaultKind, string][]).flatMap(([kind, codes]) =>
    codes.split(' ').map((code) => [`BMXAA${code}`, kind] as const),
  ),
)

/** Codes whose kind is known. */
export const knownReasons = (): readonly string[] => [...KINDS.keys()]
