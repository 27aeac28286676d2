#!/usr/bin/env bash
# Prints the version that the commands name.
set -euo pipefail
cd "$(dirname "$0")/.."

sed -n 's/.*let number = "\([^"]*\)".*/\1/p' Sources/ChannelSystem/ProductVersion.swift | grep .
