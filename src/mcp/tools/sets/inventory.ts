import { listTool } from '../lists/list-tool.ts'
import { equals, oneOf, words } from '../lists/plain-arguments.ts'

export const searchInventory = listTool({
  name: 'search_inventory',
  title: 'Search inventory',
  description:
    'Items in storerooms by text, item, storeroom and commodity, with balance, reorder point and lead time (days).',
  toolset: 'inventory',
  isOnRequest: true,
  subject: {
    objectStructure: 'MXAPIINVENTORY',
    columns: [
      'itemnum',
      'item.description',
      'location',
      'status',
      'category',
      'binnum',
      'curbal',
      'avblbalance',
      'minlevel',
      'issueunit',
      'deliverytime',
    ],
    order: [
      { field: 'itemnum', direction: 'asc' },
      { field: 'location', direction: 'asc' },
    ],
  },
  arguments: {
    text: words(['item.description'], 'words that the item description has'),
    item: equals('itemnum'),
    storeroom: equals('location'),
    commodity: equals('item.commoditygroup'),
    status: oneOf('status', 'in the storeroom'),
    category: oneOf('category', 'STK: stocked, NS: not stocked, SP: special order'),
  },
})
