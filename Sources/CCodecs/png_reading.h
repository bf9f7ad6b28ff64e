#pragma once
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

/*
 * Reads a PNG from memory as 8 bits a channel, the numbers of the file as they are: 16 bits divided by 257, palettes and
 * less than 8 bits expanded, no gamma. A mask keeps its numbers, one for each pixel: it is grey or has a palette. What libpng warns of, such as a colour profile that it does not know, is no error.
 *
 * codecs_png_begin fills the sizes, codecs_png_read the pixels, channels last; codecs_png_end gives the memory back,
 * whatever came before. Both return 0, or 1 with `message` set. The bytes stay where they are until the end.
 */
typedef struct {
    const unsigned char *bytes;
    size_t count, place;
    png_structp png;
    png_infop info;
    png_bytepp rows;
    unsigned int width, height;
    /* 1 grey, 2 grey and alpha, 3 red, green, blue, 4 with alpha. */
    int channels;
    char message[160];
} codecs_png;

static inline void codecs_png_fail(png_structp png, png_const_charp message) {
    codecs_png *reading = (codecs_png *)png_get_error_ptr(png);
    strncpy(reading->message, message ? message : "it is damaged", sizeof reading->message - 1);
    png_longjmp(png, 1);
}

static inline void codecs_png_warn(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static inline void codecs_png_take(png_structp png, png_bytep target, size_t length) {
    codecs_png *reading = (codecs_png *)png_get_io_ptr(png);
    if (length > reading->count - reading->place) png_error(png, "the file ends too early");
    memcpy(target, reading->bytes + reading->place, length);
    reading->place += length;
}

static inline int codecs_png_begin(codecs_png *reading, const unsigned char *bytes, size_t count, int is_mask) {
    memset(reading, 0, sizeof *reading);
    (reading->bytes = bytes), (reading->count = count);
    reading->png =
        png_create_read_struct(PNG_LIBPNG_VER_STRING, reading, codecs_png_fail, codecs_png_warn);
    if (reading->png) reading->info = png_create_info_struct(reading->png);
    if (!reading->info) {
        strcpy(reading->message, "the PNG decoder does not start");
        return 1;
    }
    if (setjmp(png_jmpbuf(reading->png))) return 1;
    png_set_read_fn(reading->png, reading, codecs_png_take);
    /* Sizes are the caller's to refuse. */
    png_set_user_limits(reading->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_read_info(reading->png, reading->info);
    if (is_mask) {
        int colour = png_get_color_type(reading->png, reading->info);
        if ((colour != PNG_COLOR_TYPE_GRAY && colour != PNG_COLOR_TYPE_PALETTE) ||
            png_get_bit_depth(reading->png, reading->info) > 8)
            png_error(reading->png, "a mask is grey or has a palette, of at most 8 bits");
        png_set_packing(reading->png);
    } else {
        png_set_scale_16(reading->png);
        png_set_expand(reading->png);
    }
    png_set_interlace_handling(reading->png);
    png_read_update_info(reading->png, reading->info);
    reading->width = png_get_image_width(reading->png, reading->info);
    reading->height = png_get_image_height(reading->png, reading->info);
    reading->channels = png_get_channels(reading->png, reading->info);
    return 0;
}

static inline int codecs_png_read(codecs_png *reading, unsigned char *pixels) {
    size_t stride = (size_t)reading->width * (size_t)reading->channels;
    reading->rows = malloc(reading->height * sizeof *reading->rows);
    if (!reading->rows) {
        strcpy(reading->message, "there is not enough memory");
        return 1;
    }
    for (unsigned int row = 0; row < reading->height; row++) reading->rows[row] = pixels + row * stride;
    if (setjmp(png_jmpbuf(reading->png))) return 1;
    png_read_image(reading->png, reading->rows);
    return 0;
}

static inline void codecs_png_end(codecs_png *reading) {
    free(reading->rows);
    reading->rows = NULL;
    png_destroy_read_struct(&reading->png, &reading->info, NULL);
}

/* The field is an array, which Swift would see as a tuple. */
static inline const char *codecs_png_message(const codecs_png *reading) { return reading->message; }
