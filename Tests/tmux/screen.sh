# A program in a terminal of tmux, with what the scripts beside this file do to it: they source it, and have set program,
# columns, rows, size, patience and session.

for tool in tmux python3; do
    if ! command -v "$tool" >/dev/null; then
        echo "$0: $tool is not installed" >&2
        exit 2
    fi
done

folder=$(mktemp -d)
socket=magikbench-$$
run=
cleanup() {
    tmux -L "$socket" kill-server 2>/dev/null || true
    # A run goes on without its window: one that a failed script leaves behind is ended by its own number.
    if [ -n "$run" ]; then kill "$run" 2>/dev/null || true; fi
    # The program keeps what is not saved when its terminal goes, so the folder may still grow for a moment.
    local tries
    for tries in {1..50}; do
        if rm -rf "$folder" 2>/dev/null; then break; fi
        sleep 0.1
    done
}
trap cleanup EXIT
cd "$folder"

# --- the terminal

pane() { tmux -L "$socket" "$@"; }
screen() { pane capture-pane -p -t screen; }
keys() { pane send-keys -t screen "$@"; }
text() { pane send-keys -t screen -l -- "$1"; }

fail() {
    printf '\nFAILED at %s: %s\n\n' "$size" "$1"
    screen || true
    exit 1
}

# Waits until a command is true.
await() {
    local wanted=$1 deadline=$((SECONDS + patience))
    shift
    until "$@"; do
        if ((SECONDS > deadline)); then fail "$wanted"; fi
        sleep 0.05
    done
}

shows() { [[ $(screen) == *"$1"* ]]; }
hides() { [[ $(screen) != *"$1"* ]]; }
row_like() { screen | grep -Eq -- "$1"; }
is_over() { [ -s ended ]; }

see() { await "the screen does not show: $1" shows "$1"; }
gone() { await "the screen still shows: $1" hides "$1"; }
like() { await "no row of the screen is like: $1" row_like "$1"; }

step_count=0
passed() {
    step_count=$((step_count + 1))
    printf '%7s  %2d  %s\n' "$size" "$step_count" "$1"
}

# Starts the program in the terminal. Its exit code goes into a file: tmux did not always say it.
start() {
    rm -f ended
    set -- sh -c '"$0" "$@"; echo $? >ended' "$program" "$@"
    if pane has-session -t screen 2>/dev/null; then
        pane respawn-pane -k -t screen -c "$folder" "$@"
    else
        XDG_STATE_HOME=$folder/state tmux -L "$socket" -f "$folder/tmux.conf" new-session -d -s screen \
            -x "$columns" -y "$rows" -c "$folder" -e "XDG_STATE_HOME=$folder/state" -e "XDG_CONFIG_HOME=$folder/config" "$@"
    fi
}

over() {
    await "the program does not end" is_over
    local code
    code=$(<ended)
    [ "$code" = 0 ] || fail "the program ended with $code"
}

capture() { if [ -n "${CAPTURES:-}" ]; then screen >"$CAPTURES/$1-$size.txt"; fi; }

printf '%s\n' 'set -g status off' 'set -g remain-on-exit on' 'set -s escape-time 0' \
    'set -g default-terminal screen-256color' >tmux.conf

# Types a command behind ":"; the screen answers with a text.
order() {
    keys :
    see "commands"
    text "$1"
    keys Enter
    see "$2"
}

# Opens the view with a number; a word of it must be there.
view() {
    keys "$1"
    see "[$1 $2"
}

# Finds the process of the newest run, as the session's database has it.
run_is_known() {
    run=$(python3 - "$session/runs.sqlite" <<'PYTHON'
import sqlite3, sys

database = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
try:
    for (process,) in database.execute("SELECT pid FROM runs WHERE state = 'running' ORDER BY started DESC LIMIT 1"):
        print(process)
except sqlite3.OperationalError:
    pass  # Asked again.
PYTHON
    )
    [ -n "$run" ]
}
is_gone() { ! kill -0 "$1" 2>/dev/null; }
has_steps() { row_like '[1-9][0-9,]* of [0-9,]+ steps|[0-9] img/s'; }
