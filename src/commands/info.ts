// INFO: the state of the server as text. What it says stands in monitoring/info*.ts.

import type { Context } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import { composeInfo } from '../monitoring/info.ts'
import type { InfoSources } from '../monitoring/info-sources.ts'

export function infoCommands(sources: InfoSources): CommandFamily {
  return {
    group: 'server',
    commands: [
      {
        name: 'INFO',
        arity: -1,
        flags: ['loading', 'stale'],
        syntax: '[section [section ...]]',
        summary: 'Tells about the server: its settings, its state and what it has counted.',
        since: '1.0.0',
        complexity: 'O(N) where N is the number of clients, databases and segments of their tables.',
        categories: ['dangerous'],
        tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
        history: [['7.0.0', 'Several sections at once.']],
        run: (context) => info(context, sources),
      },
    ],
  }
}

function info({ args, reply }: Context, sources: InfoSources): void {
  const asked: string[] = []
  for (let i = 1; i < args.count; i++) asked.push(args.word(i))
  reply.verbatim('txt', composeInfo(sources, asked))
}
