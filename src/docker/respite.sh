#!/bin/sh
# Starts the server from its sources: `respite` and `redis-server` on the PATH of the image. The nursery of Node's heap
# is kept small, as `npm start` does: a request leaves next to no garbage.
exec node --max-semi-space-size=2 --disable-warning=ExperimentalWarning /opt/respite/src/main.ts "$@"
