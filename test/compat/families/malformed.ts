// Requests that no command takes: the wrong number of arguments for each command of the other families, names and
// subcommands nobody has. The error's text repeats what was sent, so it is compared to the byte.
import type { Draw } from '../draw.ts'
import type { Family, Maker } from '../family.ts'
import { type Step, step } from '../step.ts'

const UNKNOWN = [
  'FOO',
  'get2',
  'GE T',
  '',
  ' ',
  'SETT',
  'a\r\nb',
  '\0',
  '\xff\xfe',
  '*1',
  'quit2',
  "it's",
  'x'.repeat(200),
]
const CONTAINERS = ['OBJECT', 'MEMORY']

function wrongArity(draw: Draw, makers: readonly Maker[]): Step {
  const { name, arity } = draw.pick(makers)
  const words = name.split(' ')
  const least = Math.abs(arity)
  const canBeTooShort = least > words.length
  const isTooLong = arity > 0 && (!canBeTooShort || draw.chance(0.5))
  const count = isTooLong ? least + draw.between(1, 3) : draw.between(words.length, least - 1)
  while (words.length < count) words.push(draw.key())
  return step(words)
}

function unknownCommand(draw: Draw): Step {
  const argument = () => (draw.chance(0.1) ? draw.bytes(150) : draw.value())
  return step([draw.pick(UNKNOWN), ...draw.several(0, 6, argument)])
}

function unknownSubcommand(draw: Draw): Step {
  const subcommand = draw.pick(['FOO', '', 'ENCODIN', 'usage2', 'a\r\nb', 'x'.repeat(200), '\xff'])
  return step([draw.pick(CONTAINERS), subcommand, ...draw.several(0, 3, () => draw.key())])
}

/** True if some number of arguments is refused for its number alone. */
function canBeWrong({ name, arity }: Maker): boolean {
  return arity > 0 || -arity > name.split(' ').length
}

export function malformed(makers: readonly Maker[]): Family {
  const refusable = makers.filter(canBeWrong)
  const total = makers.reduce((sum, { weight }) => sum + weight, 0)
  // Whatever families take part, about one call in twenty is malformed.
  const share = (part: number) => Math.ceil(total * part)
  return {
    name: 'malformed',
    makers: [
      { name: 'wrong arity', arity: -1, weight: share(0.035), make: (draw) => wrongArity(draw, refusable) },
      { name: 'unknown command', arity: -1, weight: share(0.01), make: unknownCommand },
      { name: 'unknown subcommand', arity: -1, weight: share(0.006), make: unknownSubcommand },
    ],
  }
}
