"""unpack_wheel.py WHEEL FOLDER: TensorFlow's two libraries into FOLDER/lib, its C headers into FOLDER/include.

Streams just these out of the wheel, which is over half a gigabyte when unpacked.
"""

import os
import re
import shutil
import sys
import zipfile

LIBRARY = re.compile(r"tensorflow/(libtensorflow_(?:cc|framework)\.so\.2)$")
HEADER = re.compile(
    r"tensorflow/include/((?:tensorflow/c/|tensorflow/core/platform/ctstring"
    r"|(?:tensorflow/|xla/)?tsl/(?:c|platform)/)\S*\.h)$"
)

wheel, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for entry in archive.infolist():
        library, header = LIBRARY.match(entry.filename), HEADER.match(entry.filename)
        if library:
            target = os.path.join(folder, "lib", library[1])
        elif header:
            target = os.path.join(folder, "include", header[1])
        else:
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with archive.open(entry) as source, open(target, "wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
