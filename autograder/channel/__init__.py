"""The narrow channel between trusted tests and untrusted student code: plain data and opaque handles, never pickle.

``codec`` turns values into bytes and back, ``transport`` moves frames (over a socket, or by a plain call in one process),
``server`` executes requests beside the student's code, ``client`` is what a test sees as ``student``.
"""
