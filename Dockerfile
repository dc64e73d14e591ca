# Respite in place of the official redis image: same user, same data directory, same ways to start it.
#   docker build -t respite .
#   docker run -p 6379:6379 -v data:/data respite --appendonly yes
FROM node:24-bookworm-slim

# Number and name are those of the official image, so that a volume can go from one to the other.
# redis-tools: redis-cli, for health checks and `docker exec`.
RUN groupadd -r -g 999 redis \
 && useradd -r -g redis -u 999 -d /data -s /usr/sbin/nologin redis \
 && apt-get update \
 && apt-get install -y --no-install-recommends redis-tools \
 && rm -rf /var/lib/apt/lists/* \
 && mkdir /data \
 && chown redis:redis /data

# Node runs TypeScript as it is: there is nothing to build and nothing to install.
COPY package.json redis.conf.example LICENSE /opt/respite/
COPY src /opt/respite/src
RUN ln -sf /opt/respite/src/docker/entrypoint.sh /usr/local/bin/docker-entrypoint.sh \
 && ln -s /opt/respite/src/docker/respite.sh /usr/local/bin/respite \
 && ln -s /opt/respite/src/docker/respite.sh /usr/local/bin/redis-server

# A container is reached through its network alone, so protected mode would refuse everybody. What the user says wins.
ENV RESPITE_DEFAULTS="protected-mode no"

VOLUME /data
WORKDIR /data
EXPOSE 6379
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["redis-server"]
