import zoo.dog

print(zoo.dog.SOUND)
try:
    import zoo.cat
except ModuleNotFoundError as error:
    print(error)
