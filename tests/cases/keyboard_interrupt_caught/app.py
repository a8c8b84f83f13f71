import time

try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("stopped politely")
