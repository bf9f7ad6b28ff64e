#!/usr/bin/env bash
# Builds the network of samples/network-t40 on the screen, with keys alone, and trains it; see `make screen-script`.
#
#   Tests/tmux/build-network-t40.sh PROGRAM [COLUMNSxROWS]
#
# Each step is printed when the screen shows that it was done; where it does not in time, the screen is printed and the
# exit code is 1. With CAPTURES=FOLDER the last pictures of views 1, 2 and 4 are kept there.
set -euo pipefail

usage="usage: $0 PROGRAM [COLUMNSxROWS]"
program=$(realpath "${1:?$usage}")
size=${2:-120x36}
columns=${size%x*}
rows=${size#*x}
sample=$(realpath "$(dirname "$0")/../../samples/network-t40.magik")
if [ -n "${CAPTURES:-}" ]; then
    mkdir -p "$CAPTURES"
    CAPTURES=$(realpath "$CAPTURES")
fi
# Seconds that the screen has to show what is expected.
patience=${PATIENCE:-20}
session=built.magik
source "$(realpath "$(dirname "$0")")/screen.sh"

# --- what a person does

# Adds a layer behind the selected one; the screen must give it the name, which may then be changed.
add() {
    local operator=$1 given=$2 name=${3:-$2}
    keys a
    see "add after"
    text "$operator"
    keys Enter
    gone "add after"
    see "add $given ($operator)"
    if [ "$name" != "$given" ]; then rename "$given" "$name"; fi
}

rename() {
    keys R
    see "rename $1"
    keys C-u
    text "$2"
    keys Enter
    see "rename $1 to $2"
}

# Goes to a layer by narrowing the list to it.
go_to() {
    keys /
    see "─ filter ─"
    keys C-u
    text "$1"
    keys Enter
    gone "─ filter ─"
    keys Escape
    see "$2"
}

same_graph() {
    python3 - "$1" "$2" <<'PYTHON'
import json, sys

one, other = (json.load(open(path + "/network.json")) for path in sys.argv[1:])
for part in ("device", "inputs", "layers"):
    if one[part] != other[part]:
        for mine, wanted in zip(one[part], other[part]):
            if mine != wanted:
                print("is    ", json.dumps(mine), "\nwanted", json.dumps(wanted))
        sys.exit(f"{part} differ")
PYTHON
}

# Whether every convolution of a session has so many bits of weights and such a clip.
same_bits() {
    python3 - "$@" <<'PYTHON'
import json, sys

layers = json.load(open(sys.argv[1] + "/network.json"))["layers"]
convolutions = [layer for layer in layers if layer["type"] == "Conv2D"]
wanted = (int(sys.argv[2]), float(sys.argv[3]))
sys.exit(not convolutions or any((c["weightBits"], c.get("clip", 6.0)) != wanted for c in convolutions))
PYTHON
}

# The field with the cursor.
selected() { screen | grep -Eo '▌ [a-z]+( [a-z]+)*  ' | tail -n 1 || true; }
moved_from() { [ "$(selected)" != "$1" ]; }

# In the inspector: goes down to a field, presses keys on it, and waits for the value.
field() {
    local title=$1 value=$2 tries=0 before
    shift 2
    keys Home
    like "▌ quantize  "
    until row_like "▌ $title  "; do
        if ((tries >= 60)); then fail "the inspector has no field: $title"; fi
        tries=$((tries + 1))
        before=$(selected)
        keys Down
        await "Down leads no further" moved_from "$before"
    done
    if (($# > 0)); then keys "$@"; fi
    like "▌ $title +◂? ?$value"
}

# Picks what a wire of the selected layer reads.
rewire() {
    local layer=$1 wire=$2 source=$3
    keys r
    see "which input of $layer"
    text "input $wire"
    keys Enter
    see "what input $wire of $layer reads"
    text "$source"
    keys Enter
    gone "what input $wire of $layer reads"
}

# --- the story

start
see "open: pick one"
text empty
see "build your own"
keys Enter
see "opened untitled"
passed "starts without a session and opens an empty network"

add Preprocess preprocess
add BatchNorm bn1 bn
add Conv2D conv1 conv0
keys Tab
field activation none Right Right Right Right Right Right Right
field "batch norm" on Enter
field bias off Enter
keys Escape
passed "adds the first layers, quantized, and sets fields in the inspector"

add Maxpool2D pool1 maxpool
go_to conv0 "▌   3 conv0"
keys c
see "duplicate conv0"
go_to conv1 "▌   4 conv1"
keys J
see "move conv1 down"
like "  4 maxpool"
like "▌   5 conv1"
passed "copies a layer and moves the copy behind another"

add Route route1 route
rewire route 1 maxpool
rewire route 2 conv1
like "▌   6 route +Route ← maxpool.* 64x16x16"
passed "joins two layers, and picks what each wire reads"

add Conv2D conv2
order "set conv2.outChannels=32" "conv2"
keys Tab
field stride 2 Right
keys Escape
add Conv2D conv3
order "set conv3.outChannels=64" "conv3"
add Unpool2D unpool1 unpool
keys Tab
field mode zero 0
keys Escape
like "▌   9 unpool +Unpool.* 64x16x16"
add Conv2D conv4
add Maxpool2D maxpool2 max2
add Conv2D conv5
add Shortcut add1 shortcut
rewire shortcut 1 max2
rewire shortcut 2 conv5
add BatchNorm bn2 bn1
keys Tab
field activation PReLU Right
keys Escape
passed "goes on to the sum and its batch norm"

for number in 6 7 8 9 10; do add Conv2D "conv$number"; done
order "set conv10.outChannels=256" conv10
order "set conv9.outChannels=256" conv9
order "set conv8.outChannels=256" conv8
order "set conv7.outChannels=128" conv7
order "set conv6.outChannels=128" conv6
# Esc, which ends a filter, takes marks off: the cursor walks from one to the next. Space goes a layer on.
go_to conv6 conv6
keys Space
for number in 8 10; do
    keys Down
    like "▌.* conv$number "
    keys Space
done
keys Tab
field stride 2 Right
see "stride to 2 on 3 layers"
keys Escape
gone "▌ stride"
keys Escape
gone "■"
like "conv10 +Conv2D 3x3/2 +256x1x1"
passed "adds the last convolutions, and strides for three marked ones at once"

add LSTM lstm rnn
order "set rnn.bidirectional=true" "rnn bidirectional"
add Flatten flatten
add FullConnected fc1
order "set fc1.outChannels=128" "fc1 outChannels"
keys Tab
field activation none ""
field "batch norm" on ""
field "bias" on Enter
field "output bits" 8 Left
keys Escape
add FullConnected fc2
order "set fc2.batchNorm=false" fc2
passed "adds the head"

keys t
see "target chip"
text T02
see "▌ T02"
keys Enter
see "target T02"
view 2 Rules
see "is a Shortcut"
see "1 must fix"
if ((columns >= 100)); then see "SAME NETWORK ON"; fi
passed "changes the chip, which has no sum: view 2 says so"

keys Tab
see "▌ build for T40 instead"
for ((tries = 0; tries < 10; tries++)); do
    if row_like "▌ remove shortcut"; then break; fi
    keys Down
    sleep 0.1
done
keys Enter
see "remove shortcut"
gone "1 must fix"
passed "applies a fix"
keys u
see "undone: remove shortcut"
see "1 must fix"
passed "takes it back"

keys t
see "target chip"
text T40
see "▌ T40"
keys Enter
see "target T40"
view 1 Network
keys /
see "─ filter ─"
text conv
keys Enter
gone "─ filter ─"
gone "maxpool"
keys '*'
see "11 layers are marked"
keys Tab
see "for all 11 that are marked"
field "weight bits" 4 '[' '['
field clip 6.0
keys Enter
see "clip of 11 layers"
keys C-u
text 4.0
keys Enter
see "clip to 4.0 on 11 layers"
keys C-s
see "save as"
keys C-u
text built
keys Enter
see "saved "
same_bits built.magik 4 4.0 || fail "the saved session has not 4 bit and a clip of 4.0 in every convolution"
passed "sets 4 bit and a clip of 4.0 in all convolutions, and saves under a name"

keys u
see "undone: clip to 4.0 on 11 layers"
field clip 6.0
for ((tries = 0; tries < 5; tries++)); do
    if row_like "▌ weight bits +◂ 8 ▸"; then break; fi
    keys u
    see "undone: weightBits"
    sleep 0.1
done
field "weight bits" 8
keys C-s
see "saved "
keys Escape
gone "▌ weight bits"
keys Escape
gone "filter 'conv'"
keys Escape
gone "■"
await "the header still shows changes that are not saved" hides "built*"
same_graph built.magik "$sample" || fail "the saved network is not the sample's"
passed "takes both back, saves, and has the sample's network"
capture network

view 2 Rules
capture rules
view 4 Train
see "no runs yet"
keys n
see "epochs"
keys Down
keys Enter
see "─ epochs ─"
keys C-u
text 50
keys Enter
like "▌ epochs +◂ 50 ▸"
keys s
see "a run starts"
await "no run of the session says its process" run_is_known
see "[4 Train ●]"
see "LOSS"
see "p99.9"
if ((columns >= 100)); then see "SATURATION BY LAYER"; fi
await "the run makes no steps" has_steps
passed "trains on glyphs: the loss and the range of a layer are drawn"

keys q
over
kill -0 "$run" || fail "the run ended with the program"
passed "quits; the run goes on without the window"

start built
see "[1 Network]"
view 4 Train
see "[4 Train ●]"
see "LOSS"
see "p99.9"
capture train
passed "starts again and shows the run, still running"
keys x
see "saves a checkpoint and ends"
keys x
see "stops at a checkpoint"
see "stopped"
await "the process of the run does not end" is_gone "$run"
run=
passed "stops the run at a checkpoint"

keys q
over
start built
see "[1 Network]"
see "conv0"
view 4 Train
see "stopped"
same_graph built.magik "$sample" || fail "the network is not the sample's after training"
keys q
over
passed "opens the session once more: the network is the sample's"
