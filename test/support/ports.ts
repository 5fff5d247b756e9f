export { freePort } from '../../src/dev/processes/free-port.ts'
