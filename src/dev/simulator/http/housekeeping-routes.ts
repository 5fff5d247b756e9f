import type { MaximoUser } from '../auth/users.ts'
import { answer, hrefsOf, type Answer, type Exchange } from './exchange.ts'
import { formatInstant } from '../time-zone.ts'
import { ORG } from '../plant/builder.ts'
import type { SimulatorRules } from '../rules.ts'
import { BUILDS, VERSIONS } from '../versions.ts'

/** The API home: links, the time, the build. */
export function answerHome(exchange: Exchange): Answer {
  const { to } = hrefsOf(exchange)
  const link = (path: string): { href: string } => ({ href: to(path) })
  return answer({
    maxupg: exchange.instance.rules.build,
    thisserver: 'simulator',
    currentdate: formatInstant(exchange.instance.clock.nowMs(), exchange.user.timezone),
    language: 'EN',
    systeminfo: link('systeminfo'),
    whoami: link('whoami'),
    apimeta: link('apimeta'),
  })
}

/** The caller's profile; without `lean` its members carry `spi:`. */
export function answerWhoAmI(exchange: Exchange): Answer {
  const profile = profileOf(exchange.user, exchange)
  if (exchange.isLean) return answer(profile)
  return answer(Object.fromEntries(Object.entries(profile).map(([name, value]) => [`spi:${name}`, value])))
}

function profileOf(user: MaximoUser, exchange: Exchange): Record<string, string | boolean> {
  const person = exchange.instance.plant.rows('PERSON').find((row) => row['personid'] === user.personId)
  return {
    displayName: `${user.firstName} ${user.lastName}`,
    firstName: user.firstName,
    lastName: user.lastName,
    personid: user.personId,
    userName: user.userId,
    loginID: user.userId.toLowerCase(),
    loginUserName: user.userId.toLowerCase(),
    email: String(person?.['primaryemail']),
    primaryPhone: String(person?.['primaryphone']),
    country: 'US',
    timezone: user.timezone,
    systimezone: 'America/New_York',
    baseLang: 'EN',
    langcode: 'EN',
    locale: 'en',
    baseCurrency: 'USD',
    baseCalendar: 'gregorian',
    dateformat: 'M/d/yy',
    timeformat: 'h:mm a',
    datetimeformat: 'M/d/yy h:mm a',
    defaultSite: user.defaultSite,
    defaultSiteDescription: user.defaultSite === 'BEDFORD' ? 'Bedford Manufacturing' : 'Nashua Packaging',
    insertSite: user.defaultSite,
    defaultOrg: ORG,
    defaultStoreroom: user.defaultSite === 'BEDFORD' ? 'CENTRAL' : 'NSTORE',
    defaultStoreroomSite: user.defaultSite,
    canUseInactiveSites: false,
  }
}

export const answerPing = (): Answer => answer({ status: 'ok' })

export const answerSystemInfo = ({ instance }: Exchange): Answer =>
  answer({
    appname: 'Maximo simulator',
    maxupg: instance.rules.build,
    version: versionIn(instance.rules.build),
    database: 'memory',
    os: 'none',
  })

/** `V9100-339` is 9.1, `V7613-171` is 7.6.1. */
const versionIn = (build: string): string => VERSIONS.find((version) => BUILDS[version] === build) ?? build

/** What a login answers. */
export const answerLogin = ({ sessionIdleMs, build }: SimulatorRules): Answer =>
  answer({
    appserversecurity: false,
    inactivetimeout: Math.round(sessionIdleMs / 1000),
    sessiontimeout: Math.round(sessionIdleMs / 1000),
    maxupg: build,
  })
