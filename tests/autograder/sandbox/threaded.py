"""A module that a zygote must refuse to preload: importing it leaves a thread behind."""

import threading
import time

threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
