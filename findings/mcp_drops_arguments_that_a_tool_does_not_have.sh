#!/usr/bin/env bash
# Surprise: a tool of the MCP SDK 2.3.0 is called without the arguments that it does not have, and nobody is told.
# Seen: revenue(segment: str = "") is asked with {"segments": "Vin"}; the answer is that of the whole shop, and no error. The tool's input
#       schema does not forbid other properties, so that a client which validates against it finds nothing either.
# Met: figures for assistants, which misspell a filter now and then: a wrong figure, said with confidence. `extra="forbid"` on the
#      arguments' model makes it a refusal.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet mcp==2.3.0
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
from importlib.metadata import version

from mcp import Client
from mcp.server import MCPServer

SOLD = {"Vin": 10, "Spiritueux": 5}
server = MCPServer("shop")


@server.tool()
def revenue(segment: str = "") -> int:
    """Return the revenue of a segment, or of the whole shop."""
    return SOLD.get(segment, sum(SOLD.values()))


async def asked():
    async with Client(server) as client:
        (tool,) = (await client.list_tools()).tools
        answers = [await client.call_tool("revenue", arguments) for arguments in ({"segment": "Vin"}, {"segments": "Vin"})]
        return [(answer.is_error, answer.structured_content["result"]) for answer in answers], tool.input_schema


answers, schema = asyncio.run(asked())
print("mcp", version("mcp"), "segment:", answers[0], "segments:", answers[1], "schema:", schema)
assert answers == [(False, 10), (False, 15)], "the behaviour has changed"
assert "additionalProperties" not in schema, "the schema has changed"
PYTHON
