// Loaded by each proxy of the soak before its own code: upon SIGUSR2 collects garbage and writes what is left.
import { renameSync, writeFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

process.on('SIGUSR2', () => {
  collect()
  collect()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  const file = `${process.env.MESHSCOPE_SOAK_HEAP}/${process.pid}`
  writeFileSync(`${file}.new`, `${heapUsed + arrayBuffers}`)
  renameSync(`${file}.new`, file)
})
