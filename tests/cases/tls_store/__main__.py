import http.server
import ssl
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

here = Path(__file__).parent


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"secret")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(here / "server.pem", here / "server.key")  # OpenSSL reads them, from inside the file
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
try:
    with urllib.request.urlopen(f"https://127.0.0.1:{server.server_port}/", timeout=20) as answer:
        print("trusted", answer.read().decode())
except urllib.error.URLError as error:
    print("refused", error.reason.verify_message)
if sys.argv[1:] == ["own"]:
    own = ssl.create_default_context(cafile=here / "ca.pem")
    with urllib.request.urlopen(f"https://127.0.0.1:{server.server_port}/", context=own, timeout=20) as answer:
        print("own authority", answer.read().decode())
