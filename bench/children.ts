// Child processes that must not outlive the bench, however it ends. Knows nothing of what they do.

import type { ChildProcess } from 'node:child_process'

const living = new Set<ChildProcess>()

/** Kills `child` when this process ends before it does. */
export function tie<T extends ChildProcess>(child: T): T {
  if (living.size === 0) process.on('exit', killAll)
  living.add(child)
  const forget = () => {
    living.delete(child)
    if (living.size === 0) process.off('exit', killAll)
  }
  child.once('exit', forget)
  // A command that could not be started has no exit.
  child.once('error', forget)
  return child
}

/** Lets SIGINT and SIGTERM end this process by way of its `exit` event, which a bare signal would skip. */
export function exitOnSignals(): void {
  process.once('SIGINT', () => process.exit(130))
  process.once('SIGTERM', () => process.exit(143))
}

function killAll(): void {
  for (const child of living) child.kill('SIGKILL')
}
