import { APP_META, APP_MIME_TYPE, APPS, appUri, type AppName } from '../apps/app.ts'
import { appPage } from '../apps/page.ts'
import type { FixedResource } from './resource.ts'

/** A picture of MCP Apps: the same page for everybody, without anything of Maximo in it. */
export const appResource = (name: AppName): FixedResource => ({
  name: name.replaceAll('-', '_'),
  ...APPS[name],
  mimeType: APP_MIME_TYPE,
  tool: null,
  meta: APP_META,
  path: appUri(name),
  // Put together when it is first asked for: whoever only lists tools needs no compiled page.
  get text() {
    return appPage(name)
  },
})
