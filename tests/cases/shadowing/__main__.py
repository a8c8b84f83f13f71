import colorsys
import wave

print(colorsys.MINE, wave.MINE, "ok")
