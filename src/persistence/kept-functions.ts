// Libraries of functions, as files and clients bring them: their code, byte for byte. Whoever writes a file writes them
// into it again. Knows nothing of what they do.

export class KeptFunctions {
  /** The code of each library, in the order in which they came. */
  readonly libraries: Uint8Array[] = []

  clear(): void {
    this.libraries.length = 0
  }
}
