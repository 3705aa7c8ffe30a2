"""Passes connections on and records the HTTP/1.1 requests in them; HTTP/2, which gRPC speaks, passes unread."""

import json
import re
import socket
import threading

PREFACE = b"PRI * HTTP/2"
CHUNK = 65536

# Where the server tells the client to go on.
TOLD = re.compile(rb"^(?:location|azure-asyncoperation|operation-location): *(\S+)\r\n", re.IGNORECASE | re.MULTILINE)
HEAD = 16384


class Tap:
    """Listens on a free port and passes what comes to `target`, an address such as 127.0.0.1:4581."""

    def __init__(self, target, disguised=False):
        """With `disguised`, either side finds the tap's address where the other one wrote the target's, and back."""
        host, _, port = target.rpartition(":")
        self.target = (host, int(port))
        self.requests = []
        self.told = set()
        self.grpc_connections = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        own = "127.0.0.1:{}".format(self.listener.getsockname()[1])
        self.url = f"http://{own}"
        # Where both are of one length, no other byte of what passes has to change.
        same = disguised and len(own) == len(target)
        self.addresses = (own.encode(), target.encode()) if same else (b"\0", b"\0")
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            for side in (client, server):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.upstream, args=(client, server), daemon=True).start()
            threading.Thread(target=self.downstream, args=(server, client), daemon=True).start()

    def upstream(self, client, server):
        """Passes on what the client sends, and reads along."""
        sent = bytearray()
        try:
            while chunk := client.recv(CHUNK):
                server.sendall(chunk.replace(*self.addresses))
                sent += chunk
                if not PREFACE.startswith(bytes(sent[: len(PREFACE)])) or not sent.startswith(PREFACE[:1]):
                    self.read(sent)
        except OSError:
            pass
        finally:
            if sent.startswith(PREFACE):
                with self.lock:
                    self.grpc_connections += 1
            shut(server)

    def read(self, sent):
        """Takes every whole request out of what was sent."""
        while (found := whole_request(bytes(sent))) is not None:
            request, length = found
            del sent[:length]
            with self.lock:
                self.requests.append(request)

    def downstream(self, server, client):
        """Passes on what the server answers, and notes the addresses told in it."""
        last = b""
        try:
            while chunk := server.recv(CHUNK):
                last = last[-HEAD:] + chunk
                found = {address.decode("latin-1") for address in TOLD.findall(last)}
                with self.lock:
                    self.told |= found
                client.sendall(chunk.replace(*reversed(self.addresses)))
        except OSError:
            pass
        finally:
            shut(client)

    def save(self, path):
        with self.lock, open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(request) + "\n" for request in self.requests)

    def stop(self):
        self.listener.close()


def shut(side):
    try:
        side.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def whole_request(sent):
    """Returns the first request and how many bytes it takes, or None where it is not all there yet."""
    head, separator, rest = sent.partition(b"\r\n\r\n")
    if not separator:
        return None
    lines = head.decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ")
    headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines[1:])}
    if "chunked" in headers.get("transfer-encoding", ""):
        found = whole_chunks(rest)
        if found is None:
            return None
        body, length = found
    else:
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return None
        body = rest[:length]
    path, _, query = target.partition("?")
    text = body.decode("utf-8", "replace")
    request = {"method": method, "path": path, "query": query, "headers": headers, "body": text}
    return request, len(head) + 4 + length


def whole_chunks(rest):
    """Returns a chunked body and how many bytes it takes."""
    body, at = b"", 0
    while True:
        end = rest.find(b"\r\n", at)
        if end < 0:
            return None
        size = int(rest[at:end].split(b";")[0], 16)
        at = end + 2
        if len(rest) < at + size + 2:
            return None
        body += rest[at:at + size]
        at += size + 2
        if size == 0:
            return body, at
