"""Uploads a package as the tools do that publish with rattler-build, pixi or quetz-client.

usage: upload.py TOOL SERVER_URL CHANNEL SECRET FILE
"""

import sys
from pathlib import Path

tool, server, channel, secret, file = sys.argv[1:]

if tool == "quetz-client":
    from quetz_client.client import QuetzClient

    QuetzClient.from_token(server, secret).post_file_to_channel(channel, Path(file))
else:
    from rattler_build import upload

    if tool == "artifactory":
        upload.upload_package_to_artifactory([file], server, channel, token=secret)
    elif tool == "quetz":
        upload.upload_package_to_quetz([file], server, channel, api_key=secret)
    elif tool == "prefix":
        upload.upload_package_to_prefix([file], server, channel, api_key=secret)
    else:
        sys.exit(f"no tool {tool}")
