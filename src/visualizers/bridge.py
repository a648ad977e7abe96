"""Hands what evalscope logs to Python's swanlab: a JSON object a line on stdin, an answer a line on stdout."""
import json
import os
import signal
import sys

# Ctrl-C reaches every process of a terminal; this one ends when its stdin does.
signal.signal(signal.SIGINT, signal.SIG_IGN)
answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
# What the package prints belongs to nobody's answers.
os.dup2(2, 1)


def answer(**words):
    answers.write(json.dumps(words) + "\n")
    answers.flush()


try:
    import swanlab
except Exception as error:
    answer(missing=f"{type(error).__name__}: {error}")
    sys.exit(0)


def table(columns, rows):
    try:
        drawn = swanlab.echarts.Table()
        drawn.add(columns, rows)
        return drawn
    except Exception:
        # Versions without tables, or without pyecharts.
        lines = [columns, ["---"] * len(columns), *rows]
        return swanlab.Text("\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines))


def finish(complete):
    try:
        from swanlab.data.run import SwanLabRunState as State
    except ImportError:
        complete = True
    if complete:
        swanlab.finish()
    else:
        swanlab.finish(State.CRASHED, "interrupted, or failed")


def obey(order):
    call = order["call"]
    if call == "login":
        swanlab.login(**order["options"])
    elif call == "init":
        os.environ["SWANLAB_LOG_DIR"] = order["directory"]
        swanlab.config.update({"framework": "📏evalscope"})
        swanlab.init(**order["options"])
    elif call == "log":
        swanlab.log(order["figures"], step=order["step"])
    elif call == "table":
        swanlab.log({order["name"]: table(order["columns"], order["rows"])}, step=order["step"])
    elif call == "finish":
        finish(order["complete"])


answer(ready=getattr(swanlab, "__version__", ""))
for line in sys.stdin:
    try:
        obey(json.loads(line))
        answer(done=True)
    except BaseException as error:  # noqa: a package may call sys.exit
        answer(failed=f"{type(error).__name__}: {error}")
