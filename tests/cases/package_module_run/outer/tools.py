def shout(text):
    return text.upper() + "!"


def answer(queue):
    queue.put(shout("child"))
