# /// script
# dependencies = ["pillow", "matplotlib", "opencv-python-headless<5"]
# ///
import os
import warnings

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont, features

image = Image.new("RGB", (64, 64), "white")
ImageDraw.Draw(image).text((2, 20), "Hi é", fill="black", font=ImageFont.load_default(16))
for kind in ("png", "jpeg", "webp", "tiff", "gif"):
    image.save(f"image.{kind}")
    assert Image.open(f"image.{kind}").size == (64, 64), kind
assert features.check("freetype2") and features.check("webp")
# matplotlib's fonts and style files stand beside its code; FreeType opens them.
matplotlib.use("Agg")
import matplotlib.font_manager as fonts
import matplotlib.pyplot as plt

font = fonts.findfont("DejaVu Sans")
assert font.startswith(os.path.dirname(matplotlib.__file__)), font
ImageDraw.Draw(image).text((2, 2), "ttf", font=ImageFont.truetype(font, 12), fill="red")
plt.style.use("ggplot")
figure, axes = plt.subplots()
axes.plot([1, 2, 3], label=r"$\alpha^2$")
axes.legend()
for kind in ("png", "svg", "pdf"):
    figure.savefig(f"figure.{kind}")
    assert os.path.getsize(f"figure.{kind}") > 3000, kind
# OpenCV's C++ opens the cascade by its path.
cascade = cv2.CascadeClassifier(os.path.join(cv2.data.haarcascades, "haarcascade_frontalface_default.xml"))
assert not cascade.empty()
pixels = cv2.imread("image.png")
assert pixels.shape == (64, 64, 3) and len(cascade.detectMultiScale(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY))) == 0
assert cv2.GaussianBlur(pixels, (5, 5), 0).shape == (64, 64, 3)
assert cv2.imencode(".png", np.zeros((4, 4), np.uint8))[0]
print("ok")
