/** Two labels at least, the last not numeric; no trailing dot, no underscore, no letters outside ASCII nor disguised ones (`xn--`). */
export const isPlainHostName = (host: string): boolean => HOST_NAME.test(host) && !/(^|\.)xn--/.test(host)

/** 443, or a port that no well-known service but a web server listens on. */
export const isWebPort = (port: number): boolean =>
  port === 443 || (port >= 1024 && !OTHER_SERVICES.has(port))

const HOST_NAME = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/
/** Well-known services above 1023 that are no web server; a request there would be an attack on them. */
const OTHER_SERVICES: ReadonlySet<number> = new Set([
  1433, 1521, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 4369, 5432, 5672, 5900, 5984, 6000, 6379, 6380,
  6443, 6660, 6665, 6666, 6667, 6668, 6669, 6697, 8125, 8500, 8600, 9042, 9092, 9200, 9300, 10250, 10255,
  11211, 15672, 25565, 26379, 27017, 27018, 50000,
])
