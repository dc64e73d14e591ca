// Which argument is a member of the value under the key, as the command's syntax says: for looking ahead, so that being
// mistaken costs nothing but time.

/** The first `member` or `field` among the arguments that must be there; 0 if none is. */
export function memberIndex(syntax: string): number {
  let required = syntax
  for (let before = ''; before !== required; ) {
    before = required
    required = before.replace(/\[[^[\]]*\]/g, '')
  }
  const words = required.split(/\s+/)
  return words.findIndex((word) => word === 'member' || word === 'field') + 1
}
