#!/usr/bin/env bash
# Brings a float model onto the chip on the screen, with keys alone: opens an ONNX file, quantizes it from pictures without
# labels, trains it by distillation, and exports it; see `make screen-script`.
#
#   Tests/tmux/recover-model.sh PROGRAM MODEL.onnx PICTURES [COLUMNSxROWS]
#
# Each step is printed when the screen shows that it was done; where it does not in time, the screen is printed and the
# exit code is 1. With CAPTURES=FOLDER the pictures are kept there.
set -euo pipefail

usage="usage: $0 PROGRAM MODEL.onnx PICTURES [COLUMNSxROWS]"
program=$(realpath "${1:?$usage}")
model=$(realpath "${2:?$usage}")
pictures=$(realpath "${3:?$usage}")
size=${4:-120x36}
columns=${size%x*}
rows=${size#*x}
if [ -n "${CAPTURES:-}" ]; then
    mkdir -p "$CAPTURES"
    CAPTURES=$(realpath "$CAPTURES")
fi
# Seconds that the screen has to show what is expected: quantizing and an epoch take a while.
patience=${PATIENCE:-240}
session=face.magik
source "$(realpath "$(dirname "$0")")/screen.sh"

# In a form: types a value behind a setting that stands so many rows below the first.
setting() {
    local title=$1 below=$2 value=$3
    keys g Home
    for ((step = 0; step < below; step++)); do keys Down; done
    like "▌ ?$title"
    keys Enter
    see "─ $title ─"
    keys C-u
    text "$value"
    keys Enter
    gone "─ $title ─"
}

start "$model"
see "Esc close"
capture import
keys Escape
see "[1 Network]"
passed "opens the model and says what has become of it"

keys C-s
see "save as"
keys C-u
text face
keys Enter
see "saved "
passed "saves it as a session with its weights"

keys C
see "quantize face"
keys Enter
see "─ data ─"
keys C-u
text "images:$pictures"
keys Enter
gone "─ data ─"
keys Down
keys Enter
see "─ samples ─"
keys C-u
text 64
keys Enter
gone "─ samples ─"
capture quantize-form
keys s
see "SQNR of the results"
capture quantize
keys Enter
see "quantized from 64 samples"
passed "quantizes from 64 pictures without labels: every layer before and after, then one step"

keys u
see "undone: quantize from data"
keys C-r
see "quantize from data"
keys C-s
see "saved "
for file in float.json float.safetensors weights.safetensors; do
    [ -s "$session/$file" ] || fail "the session has no $file"
done
passed "takes it back, makes it again, and saves it with the float model"

view 4 Train
keys n
see "new run of face"
like "data +◂? ?images:"
# A share is held out: what is measured was not learned.
keys Enter
see "─ data ─"
keys C-u
text "images:$pictures,validation=0.25"
keys Enter
gone "─ data ─"
keys Down
keys Enter
see "─ epochs ─"
keys C-u
text 1
keys Enter
keys Down
keys Down
keys Enter
see "─ batch ─"
keys C-u
text 8
keys Enter
gone "─ batch ─"
capture train-form
keys s
see "a run starts"
await "no run of the session says its process" run_is_known
see "finished"
run=
# A narrow screen has the curve of held-out pictures alone.
if ((columns >= 120)); then see "SQNR"; else see "val ●"; fi
capture train
passed "trains an epoch by distillation: what it is worth on held-out pictures is shown"

keys E
see "export face as"
text onnx
keys Enter
see "export as onnx"
keys C-u
text face.onnx
keys Enter
see "wrote "
[ -s face.onnx ] || fail "the file that was exported is not there"
passed "exports the quantized network"

keys q
over
"$program" check "$session" >/dev/null || true
passed "quits"
