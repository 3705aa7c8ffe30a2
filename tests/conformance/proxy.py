"""A proxy that records every request it passes on."""

import base64
import http.client
import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length", "host"}
ANSWER_SECONDS = 60


class Proxy:
    """Listens on a free port, passes requests to `target`, and keeps them in order."""

    def __init__(self, target):
        self.target = urllib.parse.urlsplit(target)
        self.requests = []
        self.lock = threading.Lock()
        proxy = self

        class Handler(Relay):
            owner = proxy

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def record(self, request):
        with self.lock:
            self.requests.append(request)

    def save(self, path):
        with self.lock, open(path, "w", encoding="utf-8") as file:
            for request in self.requests:
                file.write(json.dumps(request) + "\n")

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Relay(BaseHTTPRequestHandler):
    """Passes one request on and its answer back."""

    owner = None
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def relay(self):
        body = self.body()
        path, _, query = self.path.partition("?")
        entry = {
            "method": self.command,
            "path": path,
            "query": query,
            "headers": list(self.headers.items()),
            "body": base64.b64encode(body).decode(),
        }
        self.owner.record(entry)
        headers = {key: value for key, value in self.headers.items() if key.lower() not in HOP_BY_HOP}
        headers["Host"] = self.owner.target.netloc
        headers["Content-Length"] = str(len(body))
        connection = http.client.HTTPConnection(self.owner.target.netloc, timeout=ANSWER_SECONDS)
        try:
            connection.request(self.command, self.path, body=body, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
            status, headers = answer.status, answer.getheaders()
        except (OSError, http.client.HTTPException) as error:
            status, headers, content = 502, [], str(error).encode()
        finally:
            connection.close()
        entry["status"] = status
        if status >= 400:
            entry["answer"] = content[:2000].decode("utf-8", "replace")
        self.send_response_only(status)
        for key, value in headers:
            if key.lower() not in HOP_BY_HOP:
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_DELETE = do_GET = do_HEAD = do_PATCH = do_POST = do_PUT = relay

    def body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            chunks = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def log_message(self, *_args):
        pass
