RESULT = __spec__.name
