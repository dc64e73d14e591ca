// All that commands on sets work with, once for all of them: nothing of it is kept from one command to the next.

import type { TypeEnvironment } from './environment.ts'
import { Member } from './member.ts'
import { SetValue } from './set.ts'
import { SetAlgebra } from './set-algebra.ts'
import { SetChoice } from './set-choice.ts'

export class SetWorkspace {
  /** The set that a command is about, and another one beside it. */
  readonly value: SetValue
  readonly other: SetValue
  /** A member out of a request. */
  readonly member: Member
  readonly choice: SetChoice
  readonly algebra: SetAlgebra

  constructor(environment: TypeEnvironment) {
    this.value = new SetValue(environment)
    this.other = new SetValue(environment)
    this.member = new Member(environment.seed, environment.upcoming)
    this.choice = new SetChoice(environment)
    this.algebra = new SetAlgebra(environment)
  }
}
