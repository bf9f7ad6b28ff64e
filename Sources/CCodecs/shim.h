#pragma once
#include "png_reading.h"
#include "png_writing.h"
#include <string.h>
#include <turbojpeg.h>
#include <zlib.h>

/* inflateInit2 and deflateInit2 are macros, which Swift does not see. */

/* Prepares a stream that unpacks gzip. */
static inline int codecs_inflate_gzip(z_stream *stream) { return inflateInit2(stream, 15 + 16); }

/* Prepares a stream that unpacks deflate without a header, as zip files have it. */
static inline int codecs_inflate_raw(z_stream *stream) { return inflateInit2(stream, -15); }

/* Prepares a stream that packs gzip. */
static inline int codecs_deflate_gzip(z_stream *stream) {
    return deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

/* Prepares a stream that packs deflate without a header. */
static inline int codecs_deflate_raw(z_stream *stream) {
    return deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
}
