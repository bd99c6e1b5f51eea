#!/usr/bin/env bash
# Installs the Debian packages that the given job needs and the machine lacks: as root by apt-get, otherwise it names
# them and fails. Usage: test/need.sh run|test|bench
set -euo pipefail

build="gcc pkg-config libopus-dev"
case "${1:-}" in
run) packages=$build ;;
bench) packages="$build espeak-ng sox" ;;
test) packages="$build baresip-core sip-tester linphone-cli kamailio chromium fonts-wqy-microhei sox espeak-ng" ;;
*)
	echo "usage: $0 run|test|bench" >&2
	exit 2
	;;
esac

command -v npm >/dev/null || packages="$packages nodejs npm" # which many have from elsewhere

missing=()
for package in $packages; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ]; then
	echo "These Debian packages are missing: ${missing[*]}" >&2
	echo "As root: apt-get install --no-install-recommends ${missing[*]}" >&2
	exit 1
fi
echo "Installing Debian packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
