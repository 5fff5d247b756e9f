import { attachmentResource } from './attachment.ts'
import { APP_NAMES } from '../apps/app.ts'
import { appResource } from './app.ts'
import { changeResource } from './change.ts'
import { domainResource } from './domain.ts'
import { exportPartResource, exportResource } from './export.ts'
import { guideResource } from './guides/guide.ts'
import { GUIDES } from './guides/guides.ts'
import { recordResource } from './record.ts'
import { schemaResource } from './schema.ts'
import type { Resource } from './served-resources.ts'
import { statusModelResource } from './status-model.ts'

/** Every resource, in the order in which clients see them. */
export const RESOURCES: readonly Resource[] = [
  ...GUIDES.map(guideResource),
  ...APP_NAMES.map(appResource),
  schemaResource,
  domainResource,
  statusModelResource,
  recordResource,
  attachmentResource,
  exportResource,
  exportPartResource,
  changeResource,
]
