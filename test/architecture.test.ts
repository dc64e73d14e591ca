// The rules of the house, kept by a test: who may import whom, what belongs in one place only, how long things get.

import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  functionsOf,
  importsOf,
  ROOT,
  resolveImport,
  type SourceFile,
  sourceFile,
  sourceFiles,
} from './support/source-code.ts'

/** Folders of src by floor. A file imports from its own folder and from lower floors. */
const FLOORS = [
  ['base', 'memory'],
  ['resp', 'types', 'lua', 'config'],
  ['rdb', 'keyspace'],
  ['command'],
  [
    'acl',
    'transactions',
    'pubsub',
    'tracking',
    'scripting',
    'monitoring',
    'persistence',
    'replication',
    'cluster',
  ],
  ['commands'],
  ['server'],
  ['embedding'],
]
/** main.ts and index.ts stand above all floors. */
const ROOF = FLOORS.length

const LONGEST_FILE = 600
const LONGEST_FUNCTION = 60

/** Files that may be longer, each with the reason. */
const LONG_FILES: Readonly<Record<string, string>> = {}

/** Functions that may be longer, each with the reason. */
const LONG_FUNCTIONS: Readonly<Record<string, string>> = {}

/** Imports on one floor, each with the reason. */
const SIDEWAYS: Readonly<Record<string, string>> = {
  'memory -> base': 'packed values keep integers as numbers; base knows no memory',
}

/** Imports that close a cycle, each with the reason. */
const BACKWARD: Readonly<Record<string, string>> = {
  'src/keyspace/database.ts -> src/keyspace/keyspace.ts': 'one data structure in two files; a type only',
}

const FORBIDDEN_NAMES = /^(utils?|helpers?|common|misc|manager)$/

const sources = sourceFiles('src')

function folderOf(path: string): string {
  const parts = path.split('/')
  return parts.length > 2 ? parts[1]! : ''
}

function floorOf(folder: string): number {
  return folder === '' ? ROOF : FLOORS.findIndex((floor) => floor.includes(folder))
}

/** Places in the code that match, as `path:line: text`, but for those in allowed files. */
function placesOf(pattern: RegExp, isAllowed: (path: string) => boolean): string[] {
  return sources
    .filter(({ path }) => !isAllowed(path))
    .flatMap(({ path, code }) =>
      code
        .split('\n')
        .map((text, index) => ({ text, line: index + 1 }))
        .filter(({ text }) => pattern.test(text))
        .map(({ text, line }) => `${path}:${line}: ${text.trim()}`),
    )
}

describe('imports', () => {
  test('every folder of src has a floor', () => {
    const unknown = sources.map(({ path }) => folderOf(path)).filter((folder) => floorOf(folder) < 0)
    expect(new Set(unknown)).toEqual(new Set())
  })

  test('lead to the own folder or to lower floors', () => {
    const wrong: string[] = []
    for (const file of sources) {
      const from = folderOf(file.path)
      for (const specifier of importsOf(file).filter((name) => name.startsWith('.'))) {
        const target = resolveImport(file, specifier)
        const to = folderOf(target)
        const arrow = `${file.path} -> ${target}`
        if (from !== to && floorOf(to) >= floorOf(from) && SIDEWAYS[`${from} -> ${to}`] === undefined)
          wrong.push(arrow)
      }
    }
    expect(wrong).toEqual([])
  })

  test('name files that exist, with their extension', () => {
    const known = new Set(sources.map(({ path }) => path))
    const wrong = sources.flatMap((file) =>
      importsOf(file)
        .filter((name) => name.startsWith('.') && !known.has(resolveImport(file, name)))
        .map((name) => `${file.path}: ${name}`),
    )
    expect(wrong).toEqual([])
  })

  test('from outside come from Node alone, with the node: prefix', () => {
    const builtins = new Set(builtinModules.map((name) => `node:${name}`))
    const wrong = sources.flatMap((file) =>
      importsOf(file)
        .filter((name) => !name.startsWith('.') && !builtins.has(name))
        .map((name) => `${file.path}: ${name}`),
    )
    expect(wrong).toEqual([])
  })

  test('form no cycle, not even of types', () => {
    expect(cycleIn(sources)).toEqual([])
  })
})

/** The first cycle of imports found, as a chain of paths. */
function cycleIn(files: readonly SourceFile[]): string[] {
  const targets = new Map(
    files.map((file) => [
      file.path,
      importsOf(file)
        .filter((name) => name.startsWith('.'))
        .map((name) => resolveImport(file, name))
        .filter((target) => BACKWARD[`${file.path} -> ${target}`] === undefined),
    ]),
  )
  const done = new Set<string>()
  const visit = (path: string, chain: string[]): string[] => {
    if (chain.includes(path)) return [...chain.slice(chain.indexOf(path)), path]
    if (done.has(path)) return []
    for (const target of targets.get(path) ?? []) {
      const cycle = visit(target, [...chain, path])
      if (cycle.length > 0) return cycle
    }
    done.add(path)
    return []
  }
  for (const path of targets.keys()) {
    const cycle = visit(path, [])
    if (cycle.length > 0) return cycle
  }
  return []
}

describe('files', () => {
  test(`have at most ${LONGEST_FILE} lines`, () => {
    const all = [...sources, ...sourceFiles('test'), ...sourceFiles('bench')]
    const long = all.filter(({ lines }) => lines.length > LONGEST_FILE).map(({ path }) => path)
    expect(long.sort()).toEqual(Object.keys(LONG_FILES).sort())
  })

  test('open with a comment that says what they are for', () => {
    const mute = sources.filter(({ lines }) => {
      const first = lines[0]!.startsWith('#!') ? lines[1] : lines[0]
      return first?.startsWith('// ') !== true
    })
    expect(mute.map(({ path }) => path)).toEqual([])
  })

  test('have names that say something', () => {
    const odd = sources.filter(({ path }) => {
      const isEntry = path === 'src/index.ts' || path === 'src/lua/index.ts'
      if (basename(path) === 'index.ts') return !isEntry
      return path
        .replace(/\.ts$/, '')
        .split('/')
        .some((part) => part.split('-').some((word) => FORBIDDEN_NAMES.test(word)))
    })
    expect(odd.map(({ path }) => path)).toEqual([])
  })

  test('have names in kebab-case', () => {
    const odd = sources.filter(({ path }) => !/^[a-z0-9/-]+\.ts$/.test(path))
    expect(odd.map(({ path }) => path)).toEqual([])
  })
})

describe('functions', () => {
  const all = sources.flatMap((file) => functionsOf(file).map((found) => ({ ...found, path: file.path })))

  test('are found by the scanner', () => {
    const file = sourceFile(
      'x.ts',
      [
        'export function one(',
        '  a: number,',
        '): void {',
        "  if (a) f('}')",
        '}',
        'class Two {',
        '  #three({ a }: A): void {',
        '    for (;;) {',
        '    }',
        '  }',
        '}',
        'on(1, (x) => {',
        '  /* }',
        '} */',
        '})',
      ].join('\n'),
    )
    expect(functionsOf(file).map(({ name, line, length }) => [name, line, length])).toEqual([
      ['one', 1, 5],
      ['#three', 7, 4],
      ['arrow function in: on(1, (x) => {', 12, 4],
    ])
    expect(all.length).toBeGreaterThan(sources.length)
  })

  test(`have at most ${LONGEST_FUNCTION} lines`, () => {
    const long = all
      .filter(({ length }) => length > LONGEST_FUNCTION)
      // Definitions of commands are data, though functions return them.
      .filter(({ path, name }) => !(path.startsWith('src/commands/') && isFamily(name)))
      .map(({ path, name, length }) => ({ key: `${path} ${name}`, length }))
      .filter(({ key }) => LONG_FUNCTIONS[key] === undefined)
    expect(long).toEqual([])
  })

  test('that may be longer exist and are longer', () => {
    const names = all
      .filter(({ length }) => length > LONGEST_FUNCTION)
      .map(({ path, name }) => `${path} ${name}`)
    expect(Object.keys(LONG_FUNCTIONS).filter((key) => !names.includes(key))).toEqual([])
  })
})

/** Families that need a subsystem: `pubsubCommands(pubsub)`. */
function isFamily(name: string): boolean {
  return name.endsWith('Commands')
}

describe('one place only', () => {
  test('base/clock.ts reads the clock', () => {
    const clock = /\bDate\.now\b|\bperformance\.now\b|\bnew Date\(\)|\bprocess\.hrtime\b|\bprocess\.uptime\b/
    expect(placesOf(clock, (path) => path === 'src/base/clock.ts')).toEqual([])
  })

  test('server/ has sockets', () => {
    const sockets = /'node:(net|tls|dgram|http|https|http2|dns)'/
    const isType = /^\s*import type\b/
    const places = placesOf(sockets, (path) => path.startsWith('src/server/'))
    expect(places.filter((place) => !isType.test(place.replace(/^[^ ]+ /, '')))).toEqual([])
  })

  test('server/ has timers', () => {
    const timers = /\b(setTimeout|setInterval|setImmediate)\(|'node:timers/
    expect(placesOf(timers, (path) => path.startsWith('src/server/'))).toEqual([])
  })

  test('main.ts ends the process', () => {
    expect(placesOf(/\bprocess\.(exit|abort|kill|reallyExit)\b/, (path) => path === 'src/main.ts')).toEqual(
      [],
    )
  })

  test('chance can be seeded: Math.random is used nowhere', () => {
    expect(placesOf(/\bMath\.random\b/, () => false)).toEqual([])
  })
})

describe('packages', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

  test('are not needed at run time', () => {
    for (const kind of ['dependencies', 'peerDependencies', 'optionalDependencies', 'bundledDependencies']) {
      expect(manifest).not.toHaveProperty(kind)
    }
  })

  test('for development are vitest and tsx', () => {
    expect(Object.keys(manifest.devDependencies).sort()).toEqual(['tsx', 'vitest'])
  })

  test.each(['package-lock.json', 'test/interop/package-lock.json'])('%s names no registry', (path) => {
    const lock = JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as {
      packages: Record<string, { resolved?: string }>
    }
    const resolved = Object.values(lock.packages).filter((entry) => entry.resolved?.startsWith('http'))
    expect(resolved).toEqual([])
  })
})
