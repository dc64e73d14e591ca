// Finds a short list of steps that still shows a difference. Knows nothing of servers: it is told whether a list does.

/**
 * Removes ever smaller stretches of the list as long as `fails` stays true, until no single item can go.
 * `fails` must be true for the whole list.
 */
export async function shrink<T>(
  list: readonly T[],
  fails: (list: readonly T[]) => Promise<boolean>,
): Promise<T[]> {
  let kept = [...(await shortestSuffix(list, fails))]
  for (let stretch = Math.ceil(kept.length / 2); stretch >= 1; ) {
    const shorter = await withoutStretches(kept, stretch, fails)
    const isDone = stretch === 1 && shorter.length === kept.length
    kept = shorter
    if (isDone) break
    stretch = Math.max(1, stretch >> 1)
  }
  return kept
}

/** What a step did seldom matters thousands of steps later: try the end of the list first. */
async function shortestSuffix<T>(
  list: readonly T[],
  fails: (list: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  for (let length = 8; length < list.length; length *= 4) {
    const suffix = list.slice(-length)
    if (await fails(suffix)) return suffix
  }
  return list
}

async function withoutStretches<T>(
  list: readonly T[],
  stretch: number,
  fails: (list: readonly T[]) => Promise<boolean>,
): Promise<T[]> {
  let kept = [...list]
  // From the end: later steps are more likely to be idle witnesses.
  for (let end = kept.length; end > 0; end -= stretch) {
    const candidate = [...kept.slice(0, Math.max(0, end - stretch)), ...kept.slice(end)]
    if (candidate.length > 0 && (await fails(candidate))) kept = candidate
  }
  return kept
}
