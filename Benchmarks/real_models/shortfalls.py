"""Why a model's quantized results lie below the peer's, by the name of its file; looked up where they do."""

SHORTFALLS: dict[str, str] = {
    "pfld": (
        "the mean pools at the end read signed maps, and the signed grid of T40 has no zero: what is 0 becomes half a step, "
        "a mean keeps that offset, and it has no bias that could take it back."),
}
