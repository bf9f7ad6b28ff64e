#!/usr/bin/env python3
"""Records the program on a terminal of 100x30 while keys are pressed, as an asciicast (version 2).

  scripts/record.py PROGRAM STEPS OUTPUT.cast

STEPS has a line for each step: seconds to wait, and the keys to press then. Keys are written as they are; names stand in
angle brackets: <Enter>, <Esc>, <Tab>, <Up>, <Down>, <Left>, <Right>, <C-s>. A line that starts with # is a comment. The program
runs in a folder of its own, which is removed. Only Python's own library is needed; play the result with asciinema.
"""
import codecs
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time

COLUMNS, ROWS = 100, 30
NAMES = {
    "Enter": "\r", "Esc": "\x1b", "Tab": "\t", "Up": "\x1b[A", "Down": "\x1b[B", "Right": "\x1b[C", "Left": "\x1b[D",
    "Space": " ",
}
# Moments that nothing happens in are cut to so many seconds.
LONGEST = 2.0


def keys(text):
    """The bytes of a step, one key after the other."""
    for name, plain in re.findall(r"<([A-Z][A-Za-z-]*)>|(.)", text):
        if plain:
            yield plain
        elif name.startswith("C-"):
            yield chr(ord(name[2].upper()) - 64)
        else:
            yield NAMES[name]


def steps(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        wait, _, text = line.partition(" ")
        try:
            yield float(wait), list(keys(text))
        except (KeyError, ValueError) as error:
            sys.exit(f"{path}:{number}: {line!r}: {error}")


def record(program, script):
    """The events: seconds from the start, and what the program wrote."""
    folder = tempfile.mkdtemp()
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        home = {name: folder for name in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
        os.execve(program, ["magikbench"], {"TERM": "xterm-256color", "LANG": "C.UTF-8", "COLORTERM": "truecolor", **home})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    os.kill(child, signal.SIGWINCH)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    events = []
    start = time.monotonic()

    def watch(seconds):
        """Takes what is written for some time; false once the program has ended."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([terminal], [], [], left)[0]:
                return True
            try:
                data = os.read(terminal, 65536)
            except OSError:
                return False
            if not data:
                return False
            events.append((time.monotonic() - start, decoder.decode(data)))
        return True

    try:
        for wait, pressed in steps(script):
            if not watch(wait):
                break
            for key in pressed:
                os.write(terminal, key.encode())
                watch(0.12)
        if watch(3):
            sys.exit("the program did not end; let the last step quit it")
    finally:
        try:
            os.kill(child, signal.SIGTERM)
        except ProcessLookupError:
            pass
        os.waitpid(child, 0)
        shutil.rmtree(folder, ignore_errors=True)
    return events


def shortened(events):
    """The same events without long pauses."""
    now = before = 0.0
    for moment, text in events:
        now += min(moment - before, LONGEST)
        before = moment
        yield round(now, 2), text


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    program, script, output = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    header = {"version": 2, "width": COLUMNS, "height": ROWS, "title": "magikbench", "env": {"TERM": "xterm-256color"}}
    events = list(shortened(record(os.path.abspath(program), script)))
    lines = [json.dumps(header)] + [json.dumps([moment, "o", text], ensure_ascii=False) for moment, text in events]
    output.write_text("\n".join(lines) + "\n")
    print(f"{output}: {len(events)} events, {events[-1][0]:.0f} s, {output.stat().st_size >> 10} KiB")


if __name__ == "__main__":
    main()
