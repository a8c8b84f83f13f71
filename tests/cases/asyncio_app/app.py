import asyncio
import sys


async def serve(reader, writer):
    writer.write((await reader.readline()).upper())
    await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hello\n")
    assert await reader.readline() == b"HELLO\n"
    writer.close()
    server.close()
    code = "import sys; print(sys.stdin.read()[::-1])"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate(b"abc")
    assert (output, process.returncode) == (b"cba\n", 0), (output, process.returncode)
    shell = await asyncio.create_subprocess_shell("echo shell", stdout=asyncio.subprocess.PIPE)
    assert (await shell.communicate())[0] == b"shell\n"
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(asyncio.sleep(0.01, n)) for n in range(5)]
    assert [task.result() for task in tasks] == [0, 1, 2, 3, 4]
    assert await asyncio.to_thread(lambda: 42) == 42
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(60)
    except TimeoutError:
        print("ok")


asyncio.run(main())
