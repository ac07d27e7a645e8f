"""A tiny ASGI application in place of ours: a first page, and a stream that nobody ever ends."""

import asyncio


def create_app():
    async def app(scope, receive, send):
        if scope["type"] != "http":
            return
        streaming = scope["path"] == "/stream"
        kind = b"text/event-stream" if streaming else b"text/plain"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": b"data: hello\n\n", "more_body": streaming})
        while streaming:
            await asyncio.sleep(0.2)
            await send({"type": "http.response.body", "body": b": still here\n\n", "more_body": True})

    return app
