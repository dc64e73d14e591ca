// What a family of commands gives the generator: how to make one call of each of its commands.
import type { Draw } from './draw.ts'
import type { Step } from './step.ts'

export interface Maker {
  /** As the server names it; a subcommand with a space: `OBJECT ENCODING`. */
  name: string
  /** As COMMAND INFO gives it: n = exactly n words, -n = n or more, the name's words included. */
  arity: number
  /** How often it is drawn, relative to the others. 10 is ordinary. */
  weight: number
  /** One call, valid or not; further steps where the call alone would leave the outcome to chance. */
  make: (draw: Draw) => Step | Step[]
}

export interface Family {
  name: string
  makers: Maker[]
}
