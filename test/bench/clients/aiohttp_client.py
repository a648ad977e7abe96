"""An asyncio client on aiohttp, written for the comparison: the usual way to read an event stream in Python."""

import asyncio
import json
import resource
import sys
import time

import aiohttp


async def read_stream(response):
    chunks = 0
    async for line in response.content:
        if not line.startswith(b"data: "):
            continue
        data = line[6:].strip()
        if data == b"[DONE]":
            continue
        choices = json.loads(data)["choices"]
        if choices and choices[0]["delta"].get("content"):
            chunks += 1
    return chunks


def waited_ms():
    """How long this thread was ready to run and had no core."""
    try:
        with open("/proc/thread-self/schedstat") as file:
            return int(file.read().split()[1]) / 1e6
    except OSError:
        return None


async def run(load):
    origin = load["url"].removesuffix("/v1")
    is_plain = load["kind"] == "plain"
    headers = {"content-type": "application/json", "authorization": "Bearer none"}
    counts = {"chunks": 0, "requests": 0}
    waiting = iter(range(load["requests"]))
    connector = aiohttp.TCPConnector(limit=load["streams"])
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, headers=headers) as session:

        async def warm():
            async with session.post(origin + "/warm", data=load["body"]) as response:
                await response.read()

        async def fill_slot():
            for index in waiting:
                sent = session.post(
                    origin + load["path"], data=load["body"], headers={"x-request-id": str(index)}
                )
                async with sent as response:
                    # Not within `+=`, which would read the count before the others add to it.
                    chunks = len((await response.json())["choices"]) if is_plain else await read_stream(response)
                    counts["chunks"] += chunks
                    counts["requests"] += response.status == 200

        await asyncio.gather(*(warm() for _ in range(load["streams"])))
        begun_cpu, begun, begun_waited = time.process_time(), time.monotonic(), waited_ms()
        await asyncio.gather(*(fill_slot() for _ in range(load["streams"])))
        cpu_us = (time.process_time() - begun_cpu) * 1e6
        wall_ms = (time.monotonic() - begun) * 1e3
        waited = None if begun_waited is None else (waited_ms() - begun_waited) / wall_ms
    load_cost = {"cpuUs": cpu_us, "wallMs": wall_ms, "utilization": cpu_us / 1e3 / wall_ms, "waitedShare": waited}
    max_rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    whole = {"load": load_cost, "processCpuUs": time.process_time() * 1e6, "maxRssMb": max_rss_mb, "streams": []}
    return {**counts, **load_cost, **whole}


print(json.dumps(asyncio.run(run(json.loads(sys.argv[1])))))
