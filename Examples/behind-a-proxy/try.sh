#!/usr/bin/env bash
# Puts nginx and Caddy, as far as they are installed, in front of a channel-server as the files here
# say, and looks at it from the client's side. Ends with status 77 where neither is installed.
#
#   try.sh SERVER
set -euo pipefail
server=$(realpath "${1:?the path of channel-server is missing}")
cd "$(dirname "$0")"
PATH=$PATH:/usr/sbin

work=$(mktemp -d)
running=()
finish() {
  for process in "${running[@]}"; do kill "$process" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap finish EXIT
give_up() {
  echo "behind-a-proxy: $*" >&2
  tail -n 20 "$work"/*.log >&2 || true
  exit 1
}

free_port() {
  local port
  while port=$((20000 + RANDOM % 12000)); (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}
answers() {
  for _ in {1..200}; do
    curl --silent --insecure --output /dev/null --max-time 5 "$1" && return
    read -rt 0.05 <> <(:) || true
  done
  give_up "no answer from $1"
}

mkdir -p "$work/channel/noarch"
head -c 3000000 /dev/urandom >"$work/channel/noarch/large-1.0-0.conda"
echo '{"packages": {}, "packages.conda": {}}' >"$work/channel/noarch/repodata.json"
port=$(free_port)
"$server" "$work/channel" --mount /condapkg --host 127.0.0.1 --port "$port" \
  --trusted-proxy 127.0.0.1 --access-log "$work/access.txt" 2>"$work/server.log" &
running+=($!)
answers "http://127.0.0.1:$port/-/health"

# The client is another address of this machine than the proxy, so that they can be told apart.
client=(curl --silent --show-error --insecure --fail --max-time 30 --interface 127.0.0.2)
look() {
  local name=$1 url=$2 tag
  answers "$url/condapkg/"
  "${client[@]}" --output "$work/got" "$url/condapkg/noarch/large-1.0-0.conda"
  cmp "$work/got" "$work/channel/noarch/large-1.0-0.conda" || give_up "$name: wrong bytes"
  "${client[@]}" --range 1000-1999 --output "$work/got" "$url/condapkg/noarch/large-1.0-0.conda"
  cmp "$work/got" <(tail -c +1001 "$work/channel/noarch/large-1.0-0.conda" | head -c 1000) ||
    give_up "$name: a wrong range"
  "${client[@]}" --head --output "$work/head" "$url/condapkg/noarch/repodata.json"
  tag=$(sed -n 's/^etag: \([^\r]*\).*/\1/ip' "$work/head")
  [[ $tag == \"*\" ]] || give_up "$name: no strong entity tag"
  [[ $("${client[@]}" --output /dev/null --write-out '%{http_code}' --header "If-None-Match: $tag" \
    "$url/condapkg/noarch/repodata.json") == 304 ]] || give_up "$name: no 304"
  grep -qi '^cache-control: max-age=0' "$work/head" || give_up "$name: no Cache-Control"
  [[ $("${client[@]}" --output /dev/null --location --write-out '%{http_code} %{num_redirects}' \
    "$url/condapkg") == '200 1' ]] || give_up "$name: /condapkg leads nowhere"
  # What is no part of the channel stays inside.
  curl --silent --insecure --output /dev/null --fail "$url/-/metrics" && give_up "$name: shows /-/metrics"
  # Whatever a client says of itself, the log has its address.
  "${client[@]}" --output /dev/null --user-agent "$name-liar" --header 'X-Forwarded-For: 6.6.6.6' \
    --header 'Forwarded: for=6.6.6.6' "$url/condapkg/noarch/repodata.json"
  for _ in {1..100}; do
    grep -q "$name-liar" "$work/access.txt" && break
    read -rt 0.05 <> <(:) || true
  done
  grep "$name-liar" "$work/access.txt" | grep -q '^127\.0\.0\.2 ' || {
    cp "$work/access.txt" "$work/access.log"
    give_up "$name: the log does not name the client"
  }
  echo "behind $name: well"
}

tried=77
if command -v nginx >/dev/null; then
  tried=0
  proxy=$(free_port)
  openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost \
    -keyout "$work/key.pem" -out "$work/certificate.pem" 2>/dev/null
  sed -e "s,127.0.0.1:8080,127.0.0.1:$port," -e "s,listen 443 ssl,listen 127.0.0.1:$proxy ssl," \
    -e "s,/etc/ssl/.*\.pem,$work/certificate.pem," -e "s,/etc/ssl/.*\.key,$work/key.pem," \
    nginx.conf >"$work/channel.conf"
  cat >"$work/nginx.conf" <<END
daemon off; pid $work/nginx.pid; error_log $work/nginx.log; worker_processes 1;
events {}
http {
  access_log off; client_body_temp_path $work/t1; proxy_temp_path $work/t2;
  fastcgi_temp_path $work/t3; uwsgi_temp_path $work/t4; scgi_temp_path $work/t5;
  include $work/channel.conf;
}
END
  nginx -e "$work/nginx.log" -c "$work/nginx.conf" &
  running+=($!)
  look nginx "https://127.0.0.1:$proxy"
fi
if command -v caddy >/dev/null; then
  tried=0
  proxy=$(free_port)
  # Plain HTTP here: Caddy would ask the world for a certificate.
  printf '{\n\tadmin off\n}\n' | cat - Caddyfile >"$work/Caddyfile"
  SITE=http://127.0.0.1:$proxy CHANNEL=127.0.0.1:$port XDG_DATA_HOME=$work XDG_CONFIG_HOME=$work \
    caddy run --adapter caddyfile --config "$work/Caddyfile" 2>"$work/caddy.log" &
  running+=($!)
  look caddy "http://127.0.0.1:$proxy"
fi
if [[ $tried == 77 ]]; then
  echo 'behind-a-proxy: neither nginx nor caddy is installed' >&2
  exit 77
fi
