// Subscriptions against a naive model: a set of pairs.

import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { NOBODY, Session } from '../../src/command/session.ts'
import { Key } from '../../src/memory/key.ts'
import { Topics } from '../../src/pubsub/topics.ts'

const SEED = { low: 1, high: 2 }

test('who listens to what is what was added and not removed', () => {
  const random = new Random(2)
  const topics = new Topics(SEED)
  const key = new Key(SEED)
  const clients = [1, 2, 3, 4].map((id) => new Session(id, NOBODY, 0))
  const names = ['', 'a', 'b', '\xff\0', 'long'.repeat(100)]
  const model = new Set<string>()
  const point = (name: string) => {
    const bytes = Buffer.from(name, 'latin1')
    return key.point(bytes, 0, bytes.length)
  }
  for (let step = 0; step < 5000; step++) {
    const client = clients[random.below(clients.length)]!
    const name = names[random.below(names.length)]!
    const action = random.below(20)
    if (action < 10) {
      topics.add(client, point(name))
      model.add(`${client.id} ${name}`)
    } else if (action < 19) {
      const topic = topics.find(point(name))
      if (topic !== undefined) topics.remove(client, topic)
      model.delete(`${client.id} ${name}`)
    } else {
      topics.removeAll(client)
      for (const each of names) model.delete(`${client.id} ${each}`)
    }
    const listeners = names.map((each) => clients.filter(({ id }) => model.has(`${id} ${each}`)))
    names.forEach((each, i) => {
      const found = topics.find(point(each))?.subscribers ?? new Set()
      expect(found).toEqual(new Set(listeners[i]))
    })
    expect(topics.all.size).toBe(listeners.filter(({ length }) => length > 0).length)
    expect(topics.countOf(client)).toBe(names.filter((each) => model.has(`${client.id} ${each}`)).length)
  }
})
