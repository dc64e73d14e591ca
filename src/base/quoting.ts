export function splitArguments(_l: Uint8Array): Uint8Array[] | undefined {
  return undefined
}
