import os
import sys
import tempfile

# 要起很多个进程：编译好的留着大家用，从头编译一遍每个要多花两秒
if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    os.environ["PYTHONPYCACHEPREFIX"] = os.path.join(tempfile.gettempdir(), f"tuanbot-pycache-{os.getuid()}")
    sys.pycache_prefix, sys.dont_write_bytecode = os.environ["PYTHONPYCACHEPREFIX"], False
