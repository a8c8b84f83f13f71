import http.client
import http.server
import select
import socket
import socketserver
import threading
import urllib.request
import xmlrpc.client
import xmlrpc.server

server = xmlrpc.server.SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False)
server.register_function(pow)
threading.Thread(target=server.serve_forever, daemon=True).start()
assert xmlrpc.client.ServerProxy(f"http://127.0.0.1:{server.server_address[1]}").pow(2, 10) == 1024
server.shutdown()
assert socket.getaddrinfo("127.0.0.1", 80)[0][4] == ("127.0.0.1", 80)
assert socket.gethostbyname("localhost").startswith("127.")
a, b = socket.socketpair()
a.sendall(b"x")
assert select.select([b], [], [], 5)[0] == [b]
with socket.create_server(("127.0.0.1", 0)) as listener:
    poll = select.epoll()
    poll.register(listener.fileno())
    socket.create_connection(listener.getsockname()).close()
    assert poll.poll(5)
print("ok")
