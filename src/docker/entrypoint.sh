#!/bin/sh
# What a container runs first, with the habits of the official redis image: options and configuration files alone mean
# the server; as root it gives the data directory to the user `redis` and becomes that user; whatever else is asked for
# is run as it is. It ends in exec, so that signals reach the server itself.
set -e

# docker run IMAGE --appendonly yes; docker run IMAGE /etc/my.conf; docker run IMAGE
case "${1:-}" in
  '' | -* | *.conf) set -- redis-server "$@" ;;
esac

is_server=no
case "${1##*/}" in
  redis-server | respite) is_server=yes ;;
esac

if [ "$is_server" = yes ] && [ "$(id -u)" = 0 ] && [ -z "${SKIP_DROP_PRIVS:-}" ]; then
  # What a former run as root, or the host, has left in the working directory. Some volumes don't allow this, and may
  # be writable all the same.
  if [ -z "${SKIP_FIX_PERMS:-}" ]; then
    find . ! -user redis -exec chown redis '{}' + ||
      echo "docker-entrypoint: some files in $(pwd) stay as they are" >&2
  fi
  # Without the capabilities for it (--cap-drop) it stays who it is.
  if setpriv --reuid=redis --regid=redis --clear-groups true 2>/dev/null; then
    exec setpriv --reuid=redis --regid=redis --clear-groups "$0" "$@"
  fi
fi

if [ "$is_server" = yes ]; then
  # Data is nobody else's business, unless somebody has said so.
  if [ "$(umask)" = 0022 ]; then umask 0077; fi
  # More options, split at blanks and nowhere else.
  if [ -n "${RESPITE_EXTRA_FLAGS:-}" ]; then
    set -f
    # shellcheck disable=SC2086
    set -- "$@" $RESPITE_EXTRA_FLAGS
    set +f
  fi
fi

exec "$@"
